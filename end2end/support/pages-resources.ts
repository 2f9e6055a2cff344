// The states of the pages of workspaces, people and enrollments.

import { randomUUID } from "node:crypto";

import type { Api } from "./api.ts";
import type { PageState } from "./pages.ts";
import { type Desk, expect } from "./test.ts";

/** Creates a workspace with live and removed enrollments in two groups. */
async function workspaceWithHistory(api: Api) {
  const workspace = await api.newWorkspace("Acme SAS");
  const [emea, apac] = [await api.group("EMEA"), await api.group("APAC")];
  const first = await api.enroll(emea, workspace);
  await api.remove(first);
  const live = await api.enroll(emea, workspace);
  await api.enroll(apac, workspace);
  return { workspace, first, live };
}

/** Opens the page of the signed-in operator's person and returns its path. */
async function openOwnPerson(desk: Desk, name: string): Promise<string> {
  await desk.page.goto(`/people?q=${name.replace(" ", "+")}`);
  await desk.page.getByRole("rowheader").getByRole("link", { name }).first().click();
  await expect(desk.heading).toHaveText(name);
  return new URL(desk.page.url()).pathname;
}

/** Creates a group from which one workspace was removed, and returns the id of that change set. */
async function changedGroup(api: Api) {
  const group = await api.group("Changed", await api.workspaces(3));
  const moment = new Date().toISOString();
  const [first, second] = await api.live(group);
  await api.remove(first ?? "");
  return { group, moment, second: second ?? "", changeSet: await api.changeSet(group) };
}

export const RESOURCE_STATES: PageState[] = [
  {
    name: "change-set",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/audit/changes/${(await changedGroup(api)).changeSet}`)),
  },
  {
    name: "change-set-undo",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/audit/changes/${(await changedGroup(api)).changeSet}/undo`)),
  },
  {
    name: "group-move",
    as: "ana",
    show: async ({ page }, api) => {
      const { group, second } = await changedGroup(api);
      await page.goto(`/groups/${group.id}/move?e=${second}`);
    },
  },
  {
    name: "group-restore",
    as: "ana",
    show: async ({ page }, api) => {
      const { group, moment } = await changedGroup(api);
      await page.goto(`/groups/${group.id}/restore?as_of=${encodeURIComponent(moment)}`);
    },
  },
  {
    name: "group-settings",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/groups/${(await changedGroup(api)).group.id}/settings`)),
  },
  { name: "workspaces", as: "ana", show: async ({ page }) => void (await page.goto("/workspaces")) },
  { name: "workspaces-support", as: "sam", show: async ({ page }) => void (await page.goto("/workspaces?grouped=no")) },
  {
    name: "workspaces-none",
    as: "ana",
    show: async ({ page }) => void (await page.goto(`/workspaces?q=${randomUUID()}`)),
  },
  { name: "new-workspace", as: "ana", show: async ({ page }) => void (await page.goto("/workspaces/new")) },
  {
    name: "new-workspace-refused",
    as: "ana",
    show: async (desk, api) => {
      const workspace = await api.newWorkspace("Taken");
      await desk.page.goto("/workspaces/new");
      await desk.page.getByLabel("Name", { exact: true }).fill("Acme");
      await desk.page.getByLabel("External id").fill(workspace.externalId);
      await desk.page.getByRole("button", { name: "Create workspace" }).click();
      await expect(desk.refusal).toBeVisible();
    },
  },
  {
    name: "workspace-groups",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/workspaces/${(await workspaceWithHistory(api)).workspace.id}?find=e`)),
  },
  {
    name: "workspace-enrollments",
    as: "sam",
    show: async ({ page }, api) =>
      void (await page.goto(`/workspaces/${(await workspaceWithHistory(api)).workspace.id}?tab=enrollments`)),
  },
  {
    name: "workspace-history",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/workspaces/${(await workspaceWithHistory(api)).workspace.id}?tab=history`)),
  },
  {
    name: "workspace-ungrouped",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/workspaces/${(await api.newWorkspace("Alone")).id}`)),
  },
  {
    name: "workspace-edit",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/workspaces/${(await api.newWorkspace("Edited")).id}/edit`)),
  },
  {
    name: "workspace-removal",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/workspaces/${(await api.newWorkspace("Gone")).id}/remove`)),
  },
  {
    name: "workspace-removal-refused",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/workspaces/${(await workspaceWithHistory(api)).workspace.id}/remove`)),
  },
  { name: "people", as: "ana", show: async ({ page }) => void (await page.goto("/people")) },
  { name: "people-none", as: "sam", show: async ({ page }) => void (await page.goto(`/people?q=${randomUUID()}`)) },
  { name: "new-person", as: "ana", show: async ({ page }) => void (await page.goto("/people/new")) },
  {
    name: "new-person-refused",
    as: "ana",
    show: async (desk) => {
      await desk.page.goto("/people/new");
      await desk.page.getByLabel("First name").fill("Bo");
      await desk.page.getByLabel("Last name").fill("Ek");
      await desk.page.getByLabel("E-mail address").fill("not an address");
      await desk.page.getByRole("button", { name: "Create person" }).click();
      await expect(desk.refusal).toBeVisible();
    },
  },
  {
    name: "person",
    as: "ana",
    show: async (desk, api) => {
      const { workspace } = await workspaceWithHistory(api);
      const group = await api.group("By Ana");
      await desk.page.goto(`/workspaces/${workspace.id}?find=${group.name.replace(" ", "+")}`);
      await desk.page.getByRole("button", { name: /^Enroll into/ }).click();
      await expect(desk.done).toBeVisible();
      await openOwnPerson(desk, "Ana Lima");
    },
  },
  {
    name: "person-activity",
    as: "ana",
    show: async (desk) => void (await desk.page.goto(`${await openOwnPerson(desk, "Ana Lima")}?tab=activity`)),
  },
  {
    name: "person-groups",
    as: "ana",
    show: async (desk) => void (await desk.page.goto(`${await openOwnPerson(desk, "Ana Lima")}?tab=groups`)),
  },
  {
    name: "person-edit",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/people/${(await api.newPerson("Bo")).id}/edit`)),
  },
  {
    name: "person-deletion",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/people/${(await api.newPerson("Bo")).id}/delete`)),
  },
  {
    name: "person-deletion-own",
    as: "ana",
    show: async (desk) => void (await desk.page.goto(`${await openOwnPerson(desk, "Ana Lima")}/delete`)),
  },
  {
    name: "enrollment",
    as: "ana",
    show: async ({ page }, api) => {
      await page.goto(`/enrollments/${(await workspaceWithHistory(api)).live}`);
      await page.getByText("JSON:API document").click();
    },
  },
  {
    name: "enrollment-removed",
    as: "sam",
    show: async ({ page }, api) => void (await page.goto(`/enrollments/${(await workspaceWithHistory(api)).first}`)),
  },
  {
    name: "attribution",
    as: "ana",
    show: async ({ page }, api) =>
      void (await page.goto(`/enrollments/${(await workspaceWithHistory(api)).live}/attribution?find=test`)),
  },
  {
    name: "attribution-confirm",
    as: "ana",
    show: async ({ page }, api) => {
      const person = await api.newPerson("Bo");
      await page.goto(`/enrollments/${(await workspaceWithHistory(api)).live}/attribution?person=${person.id}`);
    },
  },
  {
    name: "attribution-corrected",
    as: "ana",
    show: async (desk, api) => {
      const person = await api.newPerson("Bo");
      await desk.page.goto(`/enrollments/${(await workspaceWithHistory(api)).live}/attribution?person=${person.id}`);
      await desk.page.getByRole("button", { name: "Change creator" }).click();
      await expect(desk.done).toBeVisible();
    },
  },
];
