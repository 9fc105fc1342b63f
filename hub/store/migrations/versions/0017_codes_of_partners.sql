-- What a partner calls an article is looked up by its code, without the merchant: see hub/store/stock/articles.py.
CREATE INDEX sku_reference_code ON sku_reference (connection, code);
