-- As whom an operator is known to an identity provider (OpenID Connect). A provider knows somebody by
-- issuer and subject for ever; an e-mail address may be given to somebody else.

CREATE TABLE groupdesk.operator_identities (
    pk          serial,
    operator_pk int         NOT NULL,
    issuer      text        NOT NULL,
    subject     text        NOT NULL,
    linked_at   timestamptz NOT NULL,
    CONSTRAINT operator_identities_pkey PRIMARY KEY (pk),
    CONSTRAINT operator_identities_subject_unique UNIQUE (issuer, subject),
    -- One of each issuer: who may link a second one could let somebody else in, unseen.
    CONSTRAINT operator_identities_operator_unique UNIQUE (operator_pk, issuer),
    CONSTRAINT operator_identities_operator_pk_fkey
        FOREIGN KEY (operator_pk) REFERENCES groupdesk.operators (pk) ON DELETE CASCADE,
    CONSTRAINT operator_identities_named CHECK (issuer <> '' AND subject <> '')
);
