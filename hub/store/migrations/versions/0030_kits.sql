-- What kits are made of, beside the products that say so: see hub/store/stock/kit_parts.py.
CREATE TABLE kit_part (
  merchant_id TEXT NOT NULL,
  kit TEXT NOT NULL,
  part TEXT NOT NULL,
  pieces NUMERIC(20, 6) NOT NULL,
  PRIMARY KEY (merchant_id, kit, part)
);
CREATE INDEX kit_part_of ON kit_part (merchant_id, part);
GRANT SELECT, INSERT, UPDATE, DELETE ON kit_part TO orderhub_runtime;
ALTER TABLE kit_part ENABLE ROW LEVEL SECURITY;
ALTER TABLE kit_part FORCE ROW LEVEL SECURITY;
CREATE POLICY scope ON kit_part USING (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
) WITH CHECK (
  (SELECT '*' = ANY (orderhub_scope())) OR merchant_id = ANY ((SELECT orderhub_scope())::text[])
);
INSERT INTO kit_part (merchant_id, kit, part, pieces)
SELECT merchant_id, product.sku, part ->> 'sku', sum((part ->> 'quantity')::numeric)
FROM product CROSS JOIN LATERAL jsonb_array_elements(
  CASE jsonb_typeof(document -> 'components') WHEN 'array' THEN document -> 'components' ELSE '[]' END
) AS part
GROUP BY 1, 2, 3;
