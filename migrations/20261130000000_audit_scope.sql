-- The scope `audit` lets a token read the logs and nothing else. A server of the version before this migration takes every
-- valid token for one that may read, so create tokens with this scope only after all servers have been upgraded.
ALTER TABLE groupdesk.api_tokens
    DROP CONSTRAINT api_tokens_scopes_known,
    ADD CONSTRAINT api_tokens_scopes_known
        CHECK (scopes <@ ARRAY['read', 'write', 'pipeline', 'audit'] AND cardinality(scopes) > 0);
