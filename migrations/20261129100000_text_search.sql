-- What looks the same is found by the same words: without regard to accents and case, in any order of words, and
-- external ids by how they begin.
--
-- The functions are of Postgres itself and of this file alone. The extension "unaccent" knows some more letters, but
-- is no part of every database (managed ones have to allow it, and it may be in a schema that the application's role
-- cannot see), and its rules are a file of the server: a function on top of it is not immutable, and an index on that
-- goes wrong silently with the next version. The forms of normalization are fixed by Unicode for good.
--
-- All names are qualified, because search_path is empty while a dump is restored, an index is built or a table is vacuumed. The
-- functions are written in PL/pgSQL, which the planner leaves as a call: it is the same in a statement and an index.
-- Their costs are about those that were measured (some 15 microseconds for a name): at the usual cost the planner folds
-- names by the ten thousand rather than asking an index that has the few that are meant.

-- Folded: in lower case, without accents and without what cannot be seen, blanks as single spaces. What begins with
-- the same letters is beside each other in the order "C".
DO $do$
BEGIN
    IF getdatabaseencoding() <> 'UTF8' THEN
        -- Such a database has no forms of normalization. Its own lower case comes second: the first keeps "I" from
        -- becoming a dotless one in Turkish.
        CREATE FUNCTION groupdesk.folded(given text) RETURNS text
            LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $fn$
        BEGIN
            RETURN btrim(regexp_replace(lower(lower(given COLLATE "C") COLLATE "default"), '\s+', ' ', 'g'));
        END
        $fn$;
        CREATE FUNCTION groupdesk.decomposed(given text) RETURNS text
            LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $fn$
        BEGIN
            RETURN given;
        END
        $fn$;
        RETURN;
    END IF;

    CREATE FUNCTION groupdesk.folded(given text) RETURNS text
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 500 AS $fn$
    DECLARE
        plain text := given;
    BEGIN
        -- Each step costs a search among a million names some of its time, so that none is taken for nothing: most
        -- names are ASCII, and most others are so without their accents. An acute accent of its own is typed as an
        -- apostrophe, and would become a space.
        IF octet_length(plain) <> char_length(plain) THEN
            plain := normalize(replace(plain, U&'\00b4', ''''), NFKD);
            -- Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic and what stretches its
            -- words, voicing of kana; and what cannot be seen.
            plain := regexp_replace(plain,
                '[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640'
                '\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u1ab0-\u1aff\u1dc0-\u1dff'
                '\u20d0-\u20ff\u3099\u309a\ufe20-\ufe2f'
                '\u00ad\u115f\u1160\u061c\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800'
                '\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]', '', 'g');
        END IF;
        IF octet_length(plain) = char_length(plain) THEN
            plain := replace(lower(plain COLLATE "C"), '`', '''');
            IF plain ~ '[\t-\r]|  |^ | $' THEN
                plain := btrim(regexp_replace(plain, '\s+', ' ', 'g'));
            END IF;
            RETURN plain;
        END IF;
        plain := lower(lower(plain COLLATE "C") COLLATE "default");
        -- Letters that Unicode does not take apart; a final sigma; two letters that Arabic and Persian keyboards
        -- have apart; quotes, dashes and a slash as a plain keyboard has them.
        plain := translate(replace(plain, '`', ''''),
            U&'\00f0\00f8\0111\0127\0131\0138\0142\014b\0167\0180\0183\0188\018c\0192\0199\019a\019e\01a5\01ab'
              '\01ad\01b4\01b6\01e5\0221\0225\0234\0235\0236\0237\023c\023f\0240\0247\0249\024d\024f\0253\0256'
              '\0257\025b\0260\0268'
              '\03c2\0643\0649\064a\02b9\02bb\02bc\02bd\2018\2019\201a\201b\2032\2035\201c\201d\201e\201f'
              '\2010\2012\2013\2014\2015\2212\2044',
            U&'dodhiqlntbbcdfklnpt'
              'tyzgdzlntjcszejrybd'
              'degi'
              '\03c3\06a9\06cc\06cc''''''''''''''''''''""""'
              '------/');
        plain := replace(plain, U&'\00df', 'ss');
        plain := replace(plain, U&'\00e6', 'ae');
        plain := replace(plain, U&'\0153', 'oe');
        plain := replace(plain, U&'\00fe', 'th');
        RETURN btrim(regexp_replace(normalize(plain, NFC), '[\s\u1680\u2028\u2029]+', ' ', 'g'));
    END
    $fn$;

    -- As another system may have stored what is composed everywhere here.
    CREATE FUNCTION groupdesk.decomposed(given text) RETURNS text
        LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $fn$
    BEGIN
        RETURN normalize(given, NFD);
    END
    $fn$;
END
$do$;

-- What is searched: folded, with a space at both ends and around each sign that is a word of its own: punctuation,
-- symbols, and the signs of Chinese, Japanese and Korean, which write no spaces. So a word begins behind a space,
-- wherever it stands, and an index of trigrams finds a single such sign. Of letters and digits alone it makes trigrams:
-- punctuation of ASCII is written as two capital letters or as one and a digit, since what is folded has no capitals.
-- Several processes that fold names side by side would look cheaper to the planner than the index, and are not.
CREATE FUNCTION groupdesk.searchable(given text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL RESTRICTED COST 1000 AS $fn$
DECLARE
    plain text := groupdesk.folded(given);
BEGIN
    IF plain !~ '[^a-z0-9 ]' THEN
        RETURN ' ' || plain || ' ';
    END IF;
    plain := translate(regexp_replace(plain, '([!-/:-@\[-`{-~])', ' X\1 ', 'g'),
                       '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345');
    IF octet_length(plain) <> char_length(plain) THEN
        plain := regexp_replace(plain,
            '([\u00a1-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2010-\u2027'
            '\u2030-\u205e\u20a0-\u20cf\u2190-\u2bff\u3001-\u3020\u3030-\u30ff\u31f0-\u31ff\u3400-\u4dbf'
            '\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U0001f000-\U0001faff\U00020000-\U0003ffff])', ' \1 ', 'g');
    END IF;
    RETURN ' ' || btrim(regexp_replace(plain, ' +', ' ', 'g')) || ' ';
END
$fn$;

-- For LIKE, whose own signs in the text mean themselves.
CREATE FUNCTION groupdesk.like_escaped(given text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $fn$
BEGIN
    RETURN replace(replace(replace(given, '\', '\\'), '%', '\%'), '_', '\_');
END
$fn$;

-- "Begins with this", of what is folded.
CREATE FUNCTION groupdesk.beginning(given text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $fn$
BEGIN
    RETURN groupdesk.like_escaped(groupdesk.folded(given)) || '%';
END
$fn$;

-- "Has this word", of what is searchable. Anywhere; but fewer than three letters have a trigram only where words
-- begin, and are looked for there. A search for a single letter alone finds it anywhere: it is in so many names that a
-- page is full before long. An id is found by how it begins. A number of two digits that another word follows is that
-- number and not the beginning of one: nobody who writes "1 ek" means "13 ek".
CREATE FUNCTION groupdesk.holding(word text, is_last boolean, is_all boolean) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $fn$
DECLARE
    plain    text := groupdesk.searchable(word);
    escaped  text := groupdesk.like_escaped(btrim(plain));
    is_short boolean := char_length(plain) = 4 OR char_length(plain) = 3 AND NOT is_all;
    -- A word of digits and signs, as external ids are: they are found by how they begin.
    is_id    boolean := plain ~ 'X' AND plain ~ '[^X][0-9]';
BEGIN
    -- Nothing of it can be seen: it says nothing.
    IF escaped = '' THEN
        RETURN '%';
    END IF;
    -- A sign that is a word of its own has a space on both sides.
    IF is_short OR is_id OR groupdesk.searchable('x' || word) LIKE ' x %' THEN
        escaped := ' ' || escaped;
    END IF;
    IF groupdesk.searchable(word || 'x') LIKE '% x ' THEN
        escaped := escaped || ' ';
    ELSIF NOT is_last AND plain ~ '^ \d\d? $' THEN
        escaped := ' ' || ltrim(escaped) || ' ';
    END IF;
    RETURN '%' || escaped || '%';
END
$fn$;

-- Functions name other functions, and Postgres looks those up with the rights of the role that writes a row or owns its
-- table. Both may be another system's role that has nothing to do here: it sees the names in this schema, and no row.
GRANT USAGE ON SCHEMA groupdesk TO PUBLIC;

-- The extension of trigrams may be in a schema of somebody else's choice.
DO $$
DECLARE
    trgm text := (SELECT quote_ident(n.nspname) || '.gin_trgm_ops'
                  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                  WHERE e.extname = 'pg_trgm');
BEGIN
    DROP INDEX core_api.workspace_groups_name_search_idx, core_api.workspaces_name_search_idx,
               core_api.peoples_name_search_idx, core_api.peoples_email_search_idx;
    EXECUTE 'CREATE INDEX workspace_groups_name_search_idx ON core_api.workspace_groups
                 USING gin (groupdesk.searchable(name) ' || trgm || ')';
    -- What a thing is found by is one text, so that each word may be of another part of it and the index has all words
    -- at once: two that are frequent each and rare together are found as quickly as one that is rare.
    EXECUTE 'CREATE INDEX workspaces_name_search_idx ON core_api.workspaces
                 USING gin (groupdesk.searchable(name || '' '' || coalesce(external_workspace_id, '''')) ' || trgm || ')';
    EXECUTE 'CREATE INDEX peoples_name_search_idx ON core_api.peoples
                 USING gin (groupdesk.searchable(first_name || '' '' || last_name || '' '' || coalesce(email, '''')) '
            || trgm || ')';
    -- Whether a page is read from this index or in its order depends on how many rows have the words, of which a
    -- sample of the usual size knows too little.
    ALTER INDEX core_api.workspace_groups_name_search_idx ALTER COLUMN 1 SET STATISTICS 1000;
    ALTER INDEX core_api.workspaces_name_search_idx ALTER COLUMN 1 SET STATISTICS 1000;
    ALTER INDEX core_api.peoples_name_search_idx ALTER COLUMN 1 SET STATISTICS 1000;
END
$$;

-- What begins with what was typed comes first, and a page of it is read from one place of an index.
CREATE INDEX workspace_groups_live_beginning_idx
    ON core_api.workspace_groups (groupdesk.folded(name) COLLATE "C", workspace_group_id) WHERE deleted_at IS NULL;
CREATE INDEX workspaces_live_beginning_idx
    ON core_api.workspaces (groupdesk.folded(name) COLLATE "C", workspace_id) WHERE deleted_at IS NULL;
CREATE INDEX workspaces_external_beginning_idx
    ON core_api.workspaces (groupdesk.folded(external_workspace_id) COLLATE "C", workspace_id);
CREATE INDEX peoples_name_beginning_idx
    ON core_api.peoples (groupdesk.folded(first_name || ' ' || last_name) COLLATE "C", people_id);
CREATE INDEX peoples_last_name_beginning_idx
    ON core_api.peoples (groupdesk.folded(last_name) COLLATE "C", people_id);

-- A name of which nothing can be seen is no name. One that an older system left is not looked at when something else
-- of its row changes.
CREATE OR REPLACE FUNCTION groupdesk.name_not_blank() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.name = OLD.name THEN
        RETURN NEW;
    END IF;
    IF NEW.name !~ ('[^\s\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f'
                    '\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb'
                    '\U000e0000-\U000e0fff]') THEN
        RAISE EXCEPTION 'a name is not blank'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_name_not_blank';
    END IF;
    RETURN NEW;
END
$$;

-- How frequent the words of an expression are is known once the table is analyzed, which Postgres does by itself only
-- after many changes. An empty table is left as it is: to one that was never analyzed it expects some rows to come.
DO $$
DECLARE
    one     text;
    has_any boolean;
BEGIN
    FOREACH one IN ARRAY ARRAY['workspaces', 'workspace_groups', 'peoples'] LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM core_api.%I)', one) INTO has_any;
        IF has_any THEN
            EXECUTE format('ANALYZE core_api.%I', one);
        END IF;
    END LOOP;
END
$$;
