-- Servers keep valid tokens in memory, so that a request does not ask for its token. They listen on the channel
-- groupdesk_tokens for changes of them. The payload is the public id of a token, or `*` for all.
--
-- These triggers notify in the transaction of the change and not through the outbox (live_news), because a revoked token must
-- be refused within a second. Transactions that notify commit one after the other, which costs nothing here: tokens rarely
-- change.

CREATE FUNCTION groupdesk.notify_token_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        PERFORM pg_notify('groupdesk_tokens', '*');
    ELSE
        PERFORM pg_notify('groupdesk_tokens', OLD.api_token_id::text);
    END IF;
    RETURN NULL;
END
$$;

-- Not for last_used_at, which servers write every few seconds. Deleting the person of a token sets people_pk to null.
CREATE TRIGGER api_tokens_changed AFTER UPDATE ON groupdesk.api_tokens
    FOR EACH ROW WHEN (
        (OLD.api_token_id, OLD.name, OLD.token_hash, OLD.is_system, OLD.people_pk, OLD.scopes, OLD.expires_at, OLD.revoked_at)
        IS DISTINCT FROM
        (NEW.api_token_id, NEW.name, NEW.token_hash, NEW.is_system, NEW.people_pk, NEW.scopes, NEW.expires_at, NEW.revoked_at))
    EXECUTE FUNCTION groupdesk.notify_token_change();

CREATE TRIGGER api_tokens_deleted AFTER DELETE ON groupdesk.api_tokens
    FOR EACH ROW EXECUTE FUNCTION groupdesk.notify_token_change();

CREATE TRIGGER api_tokens_truncated AFTER TRUNCATE ON groupdesk.api_tokens
    FOR EACH STATEMENT EXECUTE FUNCTION groupdesk.notify_token_change();

-- Changes by a person's token are logged with the name of the person. The function runs with the rights of its owner, because
-- other roles that rename people may not read tokens. It compares the columns itself: a trigger that names them would keep a
-- platform that shares the table from changing their types.
CREATE FUNCTION groupdesk.notify_holder_change() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (OLD.people_id, OLD.first_name, OLD.last_name) IS DISTINCT FROM (NEW.people_id, NEW.first_name, NEW.last_name) THEN
        PERFORM pg_notify('groupdesk_tokens', api_token_id::text)
        FROM groupdesk.api_tokens WHERE people_pk = OLD.pk AND revoked_at IS NULL;
    END IF;
    RETURN NULL;
END
$$;
REVOKE EXECUTE ON FUNCTION groupdesk.notify_holder_change() FROM PUBLIC;

CREATE TRIGGER peoples_holder_changed AFTER UPDATE ON core_api.peoples
    FOR EACH ROW EXECUTE FUNCTION groupdesk.notify_holder_change();
