-- What the pages about operators, tokens and sessions ask of the database, and what slows down who
-- guesses passwords.

ALTER TABLE groupdesk.operators
    ADD COLUMN last_signed_in_at timestamptz,
    -- Counts up when all sessions of the operator are to end: a session is worth something as long as
    -- it carries the number of now. Deleting their rows alone would miss a session that is just being
    -- made by somebody who gave the old password a moment ago.
    ADD COLUMN session_generation int NOT NULL DEFAULT 0;
CREATE INDEX operators_created_idx ON groupdesk.operators (created_at, operator_id);

UPDATE groupdesk.operators o SET last_signed_in_at = seen.at
FROM (SELECT subject_id, max(occurred_at) AS at FROM groupdesk.admin_events
      WHERE action = 'signed_in' GROUP BY subject_id) seen
WHERE seen.subject_id = o.operator_id;

-- Whose session it is, in the open beside the data that the session library keeps. The row's id is the
-- secret of the cookie, so that a page names a session by another.
ALTER TABLE groupdesk.sessions
    ADD COLUMN public_id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN operator_pk int,
    ADD COLUMN signed_in_at timestamptz,
    ADD COLUMN seen_at timestamptz,
    ADD COLUMN user_agent text,
    ADD COLUMN address text,
    ADD CONSTRAINT sessions_public_id_unique UNIQUE (public_id),
    ADD CONSTRAINT sessions_operator_pk_fkey
        FOREIGN KEY (operator_pk) REFERENCES groupdesk.operators (pk) ON DELETE CASCADE;
CREATE INDEX sessions_operator_idx ON groupdesk.sessions (operator_pk);

-- How much of what may be tried is used up, for each of those who try and each account that is tried.
-- The key is a hash: what strangers type is not kept.
CREATE TABLE groupdesk.sign_in_attempts (
    key        bytea       NOT NULL,
    -- When all that was used up will have come back (the "theoretical arrival time" of GCRA).
    settled_at timestamptz NOT NULL,
    CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (key)
);
CREATE INDEX sign_in_attempts_settled_idx ON groupdesk.sign_in_attempts (settled_at);

-- Signs the cookie by which a browser is known again that somebody signed in with before.
INSERT INTO groupdesk.instance_secrets (name, value)
VALUES ('device', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));

CREATE INDEX api_tokens_created_idx ON groupdesk.api_tokens (created_at, api_token_id);

DROP INDEX groupdesk.admin_events_actor_idx;
CREATE INDEX admin_events_actor_idx
    ON groupdesk.admin_events (actor_people_pk, occurred_at, admin_event_id);
CREATE INDEX admin_events_action_idx
    ON groupdesk.admin_events (action, occurred_at, admin_event_id);
CREATE INDEX admin_events_actor_action_idx
    ON groupdesk.admin_events (actor_people_pk, action, occurred_at, admin_event_id);
