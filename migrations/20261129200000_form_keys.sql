-- The forms of the desk that make something carry a key as well, so that one that is sent twice, as by a double
-- click, is performed once. Such a key belongs to the operator who sent the form, as one of the API belongs to a token.
--
-- A program of an earlier version, which may go on running beside this one, names (api_token_id, key) as what
-- must be unique: that constraint stays.

ALTER TABLE groupdesk.idempotency_keys
    DROP CONSTRAINT idempotency_keys_pkey,
    ADD COLUMN operator_id uuid;
ALTER TABLE groupdesk.idempotency_keys
    ALTER COLUMN api_token_id DROP NOT NULL,
    ADD COLUMN holder uuid NOT NULL GENERATED ALWAYS AS (COALESCE(api_token_id, operator_id)) STORED;
ALTER TABLE groupdesk.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (holder, key),
    ADD CONSTRAINT idempotency_keys_token_key_unique UNIQUE (api_token_id, key),
    ADD CONSTRAINT idempotency_keys_one_holder CHECK (num_nonnulls(api_token_id, operator_id) = 1),
    ADD CONSTRAINT idempotency_keys_operator_id_fkey
        FOREIGN KEY (operator_id) REFERENCES groupdesk.operators (operator_id) ON DELETE CASCADE;
