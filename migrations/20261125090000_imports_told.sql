-- How far an import has come is told to whoever watches it, as live_news has it.

CREATE FUNCTION groupdesk.tell_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM groupdesk.tell(ARRAY['imports', 'import:' || NEW.import_id]);
    RETURN NULL;
END
$$;

CREATE TRIGGER imports_told AFTER UPDATE OF state, done ON groupdesk.imports
    FOR EACH ROW WHEN ((OLD.state, OLD.done) IS DISTINCT FROM (NEW.state, NEW.done))
    EXECUTE FUNCTION groupdesk.tell_import();
