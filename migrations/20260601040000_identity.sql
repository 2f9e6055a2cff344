-- Who may use the desk: operators in a browser, tokens over the API, and the sessions between.

CREATE TABLE groupdesk.operators (
    pk            serial,
    operator_id   uuid        NOT NULL DEFAULT gen_random_uuid(),
    -- The person this operator acts as. An operator whose person was deleted cannot sign in.
    people_pk     int,
    email         text        NOT NULL,
    role          text        NOT NULL,
    password_hash text,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    disabled_at   timestamptz,
    CONSTRAINT operators_pkey PRIMARY KEY (pk),
    CONSTRAINT operators_operator_id_unique UNIQUE (operator_id),
    CONSTRAINT operators_people_pk_fkey FOREIGN KEY (people_pk) REFERENCES core_api.peoples (pk) ON DELETE SET NULL,
    CONSTRAINT operators_role_known CHECK (role IN ('support', 'admin'))
);
CREATE UNIQUE INDEX operators_email_unique ON groupdesk.operators (lower(email));
CREATE INDEX operators_person_idx ON groupdesk.operators (people_pk);

-- A link that signs its bearer in once, to set a password. Only the hash is kept.
CREATE TABLE groupdesk.sign_in_links (
    pk          serial,
    operator_pk int         NOT NULL,
    link_hash   bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    CONSTRAINT sign_in_links_pkey PRIMARY KEY (pk),
    CONSTRAINT sign_in_links_link_hash_unique UNIQUE (link_hash),
    CONSTRAINT sign_in_links_operator_pk_fkey FOREIGN KEY (operator_pk) REFERENCES groupdesk.operators (pk) ON DELETE CASCADE
);
CREATE INDEX sign_in_links_operator_idx ON groupdesk.sign_in_links (operator_pk);

-- The columns are those of the session library's Postgres store.
CREATE TABLE groupdesk.sessions (
    id          text        NOT NULL,
    data        bytea       NOT NULL,
    expiry_date timestamptz NOT NULL,
    CONSTRAINT sessions_pkey PRIMARY KEY (id)
);
CREATE INDEX sessions_expiry_idx ON groupdesk.sessions (expiry_date);

CREATE TABLE groupdesk.api_tokens (
    pk           serial,
    api_token_id uuid        NOT NULL DEFAULT gen_random_uuid(),
    name         text        NOT NULL,
    prefix       text        NOT NULL,
    token_hash   bytea       NOT NULL,
    -- A system token acts for nobody. It is a column of its own, because a person's token whose
    -- person is deleted must stop working rather than turn into a system token.
    is_system    boolean     NOT NULL,
    people_pk    int,
    scopes       text[]      NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    CONSTRAINT api_tokens_pkey PRIMARY KEY (pk),
    CONSTRAINT api_tokens_api_token_id_unique UNIQUE (api_token_id),
    CONSTRAINT api_tokens_token_hash_unique UNIQUE (token_hash),
    CONSTRAINT api_tokens_people_pk_fkey FOREIGN KEY (people_pk) REFERENCES core_api.peoples (pk) ON DELETE SET NULL,
    CONSTRAINT api_tokens_name_not_blank CHECK (btrim(name) <> ''),
    CONSTRAINT api_tokens_system_has_no_person CHECK (NOT (is_system AND people_pk IS NOT NULL)),
    CONSTRAINT api_tokens_scopes_known CHECK (scopes <@ ARRAY['read', 'write', 'pipeline'] AND cardinality(scopes) > 0)
);
CREATE INDEX api_tokens_person_idx ON groupdesk.api_tokens (people_pk);

-- Keys that every process on this database shares, made here so that none has to be configured.
CREATE TABLE groupdesk.instance_secrets (
    name  text  NOT NULL,
    value bytea NOT NULL,
    CONSTRAINT instance_secrets_pkey PRIMARY KEY (name)
);
INSERT INTO groupdesk.instance_secrets (name, value)
VALUES ('cursor', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
