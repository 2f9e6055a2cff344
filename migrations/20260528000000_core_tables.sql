-- The tables of the domain: people, workspaces, workspace groups, and the enrollments between the
-- last two.
--
-- A platform that already has these tables keeps them as they are: every statement here is
-- "if not exists". The enrollments start with the constraint they historically had, one row per
-- pair whether live or removed; the next migration replaces it. Where the table exists without
-- that constraint it is not added, since it may hold a pair's removed rows by now.

CREATE SCHEMA IF NOT EXISTS core_api;
CREATE SCHEMA IF NOT EXISTS groupdesk;

CREATE TABLE IF NOT EXISTS core_api.peoples (
    pk         serial,
    people_id  uuid         NOT NULL DEFAULT gen_random_uuid(),
    first_name varchar(255) NOT NULL,
    last_name  varchar(255) NOT NULL,
    email      varchar(320),
    created_at timestamptz  NOT NULL DEFAULT now(),
    updated_at timestamptz  DEFAULT now(),
    CONSTRAINT peoples_pkey PRIMARY KEY (pk),
    CONSTRAINT peoples_people_id_unique UNIQUE (people_id)
);

CREATE TABLE IF NOT EXISTS core_api.workspaces (
    pk                    serial,
    workspace_id          uuid         NOT NULL DEFAULT gen_random_uuid(),
    name                  varchar(255) NOT NULL,
    description           varchar(500),
    external_workspace_id text,
    avatar_color          text,
    created_at            timestamptz  NOT NULL DEFAULT now(),
    updated_at            timestamptz  DEFAULT now(),
    deleted_at            timestamptz,
    CONSTRAINT workspaces_pkey PRIMARY KEY (pk),
    CONSTRAINT workspaces_workspace_id_unique UNIQUE (workspace_id),
    CONSTRAINT workspaces_external_workspace_id_unique UNIQUE (external_workspace_id)
);

CREATE TABLE IF NOT EXISTS core_api.workspace_groups (
    pk                 serial,
    workspace_group_id uuid         NOT NULL DEFAULT gen_random_uuid(),
    name               varchar(255) NOT NULL,
    created_by_pk      int,
    created_at         timestamptz  NOT NULL DEFAULT now(),
    updated_at         timestamptz  DEFAULT now(),
    deleted_at         timestamptz,
    CONSTRAINT workspace_groups_pkey PRIMARY KEY (pk),
    CONSTRAINT workspace_groups_workspace_group_id_unique UNIQUE (workspace_group_id),
    CONSTRAINT workspace_groups_name_not_blank CHECK (btrim(name) <> ''),
    CONSTRAINT workspace_groups_created_by_pk_fkey
        FOREIGN KEY (created_by_pk) REFERENCES core_api.peoples (pk) ON DELETE SET NULL
);

CREATE TABLE IF NOT EXISTS core_api.workspace_group_workspaces (
    pk                           serial,
    workspace_group_workspace_id uuid        NOT NULL DEFAULT gen_random_uuid(),
    workspace_group_pk           int         NOT NULL,
    workspace_pk                 int         NOT NULL,
    created_by_pk                int,
    created_at                   timestamptz NOT NULL DEFAULT now(),
    updated_at                   timestamptz DEFAULT now(),
    deleted_at                   timestamptz,
    CONSTRAINT workspace_group_workspaces_pkey PRIMARY KEY (pk),
    CONSTRAINT workspace_group_workspaces_workspace_group_workspace_id_unique
        UNIQUE (workspace_group_workspace_id),
    CONSTRAINT workspace_group_workspaces_workspace_group_pk_wor_3c190_unique
        UNIQUE (workspace_group_pk, workspace_pk),
    CONSTRAINT workspace_group_workspaces_workspace_group_pk_fkey
        FOREIGN KEY (workspace_group_pk) REFERENCES core_api.workspace_groups (pk) ON DELETE RESTRICT,
    CONSTRAINT workspace_group_workspaces_workspace_pk_fkey
        FOREIGN KEY (workspace_pk) REFERENCES core_api.workspaces (pk) ON DELETE RESTRICT,
    CONSTRAINT workspace_group_workspaces_created_by_pk_fkey
        FOREIGN KEY (created_by_pk) REFERENCES core_api.peoples (pk) ON DELETE SET NULL
);
