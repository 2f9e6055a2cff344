-- The answers to requests that came with an Idempotency-Key, kept for a day, so that the same request
-- sent again is answered the same and performed once. A row commits with the effect it tells of.

CREATE TABLE groupdesk.idempotency_keys (
    api_token_id  uuid        NOT NULL,
    key           text        NOT NULL,
    -- SHA-256 of method, path and body: another request under the same key is refused.
    fingerprint   bytea       NOT NULL,
    status        smallint    NOT NULL,
    header_names  text[]      NOT NULL,
    header_values text[]      NOT NULL,
    body          bytea       NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (api_token_id, key),
    CONSTRAINT idempotency_keys_api_token_id_fkey
        FOREIGN KEY (api_token_id) REFERENCES groupdesk.api_tokens (api_token_id) ON DELETE CASCADE
);
CREATE INDEX idempotency_keys_expires_idx ON groupdesk.idempotency_keys (expires_at);
