-- The payout or settlement that a report accounts for, where its provider tells of one in several
-- forms, and the form. Of reports that were kept before nobody knows.
ALTER TABLE provider_report ADD COLUMN accounts_for TEXT, ADD COLUMN form TEXT;
CREATE INDEX provider_report_payout ON provider_report (provider, accounts_for, merchant_id)
  WHERE accounts_for IS NOT NULL;
