// Every page in every state that differs visually, for the checks of layout, accessibility and HTML.

import { randomUUID } from "node:crypto";

import type { Api } from "./api.ts";
import { IDENTITY_STATES } from "./pages-identity.ts";
import { RESOURCE_STATES } from "./pages-resources.ts";
import { OPERATORS, running } from "./running.ts";
import { type Desk, expect } from "./test.ts";

export interface PageState {
  name: string;
  /** The operator who is signed in, if any. */
  as?: "ana" | "sam";
  show: (desk: Desk, api: Api) => Promise<void>;
}

async function refusedGroup(desk: Desk): Promise<void> {
  await desk.page.goto("/groups/new");
  await desk.page.getByLabel("Name", { exact: true }).fill("EMEA");
  await desk.page.getByLabel("Ids or external ids, one per line").fill("ws-1-000001\nno-such-workspace");
  await desk.page.getByRole("button", { name: "Create group" }).click();
  await expect(desk.refusal).toBeVisible();
}

/** Creates a group with live and removed enrollments. */
async function groupWithHistory(api: Api) {
  const workspaces = await api.workspaces(7);
  const group = await api.group("EMEA", workspaces.slice(0, 5));
  for (const workspace of workspaces.slice(5)) await api.remove(await api.enroll(group, workspace));
  return { group, workspaces };
}

async function sendList(desk: Desk, group: string, list: string, mode = "Enroll them"): Promise<void> {
  await desk.page.goto(`/groups/${group}/bulk`);
  await desk.page.getByRole("radio", { name: mode }).first().check();
  await desk.page.getByLabel("Ids or external ids").fill(list);
  await desk.page.getByRole("button", { name: "Preview the list" }).click();
  await expect(desk.heading).toBeVisible();
}

/** Previews a list that contains every kind of line. */
async function mixedList(desk: Desk, api: Api): Promise<void> {
  const workspaces = await api.workspaces(6);
  const group = await api.group("EMEA", workspaces.slice(0, 2));
  const ids = workspaces.map(({ externalId }) => externalId);
  const list = [...ids, workspaces[3]?.id, "x".repeat(300), "no-such-one", randomUUID()].join("\n");
  await sendList(desk, group.id, list);
  await expect(desk.heading).toContainText("Enroll 4 workspaces in EMEA");
}

export const PAGE_STATES: PageState[] = [
  ...IDENTITY_STATES,
  ...RESOURCE_STATES,
  { name: "login", show: async ({ page }) => void (await page.goto("/login")) },
  {
    name: "login-refused",
    show: async (desk) => {
      await desk.page.goto("/login");
      await desk.fillSignIn(OPERATORS.ana.email, "not the password of Ana");
      await expect(desk.refusal).toBeVisible();
    },
  },
  { name: "invitation", show: async ({ page }) => void (await page.goto(running().invitation)) },
  {
    name: "invitation-unknown",
    show: async ({ page, watch }) => {
      const path = `/invite/${randomUUID()}`;
      watch.expect(404, path);
      await page.goto(path);
    },
  },
  { name: "groups", as: "ana", show: async ({ page }) => void (await page.goto("/groups")) },
  { name: "groups-support", as: "sam", show: async ({ page }) => void (await page.goto("/groups")) },
  { name: "groups-none", as: "ana", show: async ({ page }) => void (await page.goto(`/groups?q=${randomUUID()}`)) },
  { name: "new-group", as: "ana", show: async ({ page }) => void (await page.goto("/groups/new")) },
  { name: "new-group-refused", as: "ana", show: refusedGroup },
  {
    name: "group-empty",
    as: "ana",
    show: async (desk, api) => desk.openGroup(await api.group("Fresh")),
  },
  {
    name: "group-members",
    as: "ana",
    show: async (desk, api) => desk.openGroup((await groupWithHistory(api)).group),
  },
  {
    name: "group-members-support",
    as: "sam",
    show: async (desk, api) => desk.openGroup((await groupWithHistory(api)).group),
  },
  {
    name: "group-removed",
    as: "ana",
    show: async (desk, api) => desk.openGroup((await groupWithHistory(api)).group, "removed"),
  },
  {
    name: "group-history",
    as: "ana",
    show: async (desk, api) => desk.openGroup((await groupWithHistory(api)).group, "history"),
  },
  {
    name: "group-searched",
    as: "ana",
    show: async ({ page }, api) => {
      const { group } = await groupWithHistory(api);
      await page.goto(`/groups/${group.id}?find=ro`);
      await expect(page.getByRole("list", { name: "Workspaces found" })).toBeVisible();
    },
  },
  {
    name: "group-enrolled",
    as: "ana",
    show: async (desk, api) => {
      const { group, workspaces } = await groupWithHistory(api);
      const workspace = workspaces[6];
      if (!workspace) throw new Error("too few workspaces");
      await desk.page.goto(`/groups/${group.id}?find=${workspace.externalId}`);
      await desk.page.getByRole("button", { name: `Enroll ${workspace.name}` }).click();
      await expect(desk.done).toBeVisible();
    },
  },
  {
    name: "group-conflict",
    as: "ana",
    show: async (desk, api) => {
      const { group, workspaces } = await groupWithHistory(api);
      const workspace = workspaces[6];
      if (!workspace) throw new Error("too few workspaces");
      await desk.openGroup(group, "removed");
      await desk.beforeRequest("enrollment-readd", () => api.enroll(group, workspace));
      await desk.page.getByRole("button", { name: `Enroll ${workspace.name} again` }).click();
      await expect(desk.refusal).toBeVisible();
    },
  },
  {
    name: "group-renamed-refused",
    as: "ana",
    show: async (desk, api) => {
      await desk.openGroup((await groupWithHistory(api)).group);
      await desk.page.getByText("Rename", { exact: true }).click();
      await desk.page.getByLabel("New name").fill("   ");
      await desk.page.getByRole("button", { name: "Save" }).click();
      await expect(desk.refusal).toBeVisible();
    },
  },
  {
    name: "group-removal",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/groups/${(await api.group("Empty")).id}/remove`)),
  },
  {
    name: "group-removal-refused",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/groups/${(await groupWithHistory(api)).group.id}/remove`)),
  },
  {
    name: "group-removals",
    as: "ana",
    show: async ({ page }, api) => {
      const { group } = await groupWithHistory(api);
      const ticked = (await api.live(group)).slice(0, 3);
      await page.goto(`/groups/${group.id}/removals?${ticked.map((id) => `e=${id}`).join("&")}`);
    },
  },
  {
    name: "group-removals-all",
    as: "ana",
    show: async ({ page }, api) => {
      const group = await api.group("Large", await api.workspaces(60));
      await page.goto(`/groups/${group.id}/removals?all=yes`);
    },
  },
  {
    name: "group-found",
    as: "ana",
    show: async ({ page }, api) => {
      const group = await api.group("Large", await api.workspaces(60));
      await page.goto(`/groups/${group.id}?q=a&person=none&sort=workspace.name`);
    },
  },
  {
    name: "group-readditions",
    as: "ana",
    show: async ({ page }, api) => {
      const { group } = await groupWithHistory(api);
      await page.goto(`/groups/${group.id}/readditions?from=2026-01-01T00:00:00Z`);
    },
  },
  {
    name: "group-removals-none",
    as: "ana",
    show: async ({ page }, api) => void (await page.goto(`/groups/${(await api.group("Empty")).id}/removals`)),
  },
  {
    name: "bulk",
    as: "ana",
    show: async (desk, api) => {
      const group = await api.group("EMEA");
      await sendList(desk, group.id, "no-such-one");
      await desk.page.goto(`/groups/${group.id}/bulk`);
      await expect(desk.page.getByRole("table")).toBeVisible();
    },
  },
  {
    name: "bulk-support",
    as: "sam",
    show: async ({ page }, api) => void (await page.goto(`/groups/${(await api.group("EMEA")).id}/bulk`)),
  },
  {
    name: "bulk-refused",
    as: "ana",
    show: async (desk, api) => {
      await sendList(desk, (await api.group("EMEA")).id, " , ");
      await expect(desk.refusal).toBeVisible();
    },
  },
  {
    name: "import-preview",
    as: "ana",
    show: async (desk, api) => void (await mixedList(desk, api)),
  },
  {
    name: "import-exact",
    as: "ana",
    show: async (desk, api) => {
      const workspaces = await api.workspaces(4);
      const group = await api.group("EMEA", workspaces.slice(0, 3));
      const list = [workspaces[0]?.id, workspaces[3]?.id, "no-such-one"].join("\n");
      await sendList(desk, group.id, list, "Make the group exactly this list");
      await expect(desk.heading).toContainText("exactly this list");
    },
  },
  {
    name: "import-report",
    as: "ana",
    show: async (desk, api) => {
      await mixedList(desk, api);
      await desk.page.getByRole("button", { name: /^Enroll 4 / }).click();
      await expect(async () => {
        await desk.page.goto(desk.page.url());
        await expect(desk.heading).toContainText("4 workspaces enrolled", { timeout: 1_000 });
      }).toPass();
    },
  },
  {
    name: "import-enrolled",
    as: "ana",
    show: async (desk, api) => {
      await mixedList(desk, api);
      await desk.page.getByRole("link", { name: "Will be enrolled (4)" }).click();
      await expect(desk.page.getByRole("table", { name: "Will be enrolled" })).toBeVisible();
    },
  },
  {
    name: "removal",
    as: "ana",
    show: async ({ page }, api) => {
      const { group } = await groupWithHistory(api);
      await page.goto(`/enrollments/${(await api.live(group))[0]}/remove`);
    },
  },
  {
    name: "removal-support",
    as: "sam",
    show: async ({ page, watch }, api) => {
      const { group } = await groupWithHistory(api);
      const path = `/enrollments/${(await api.live(group))[0]}/remove`;
      watch.expect(403, path);
      await page.goto(path);
    },
  },
  { name: "search", as: "ana", show: async ({ page }) => void (await page.goto("/search")) },
  {
    name: "search-found",
    as: "ana",
    show: async ({ page }, api) => {
      await groupWithHistory(api);
      await page.goto("/search?q=em");
      await expect(page.getByRole("heading", { name: "Groups" })).toBeVisible();
    },
  },
  { name: "search-none", as: "sam", show: async ({ page }) => void (await page.goto("/search?q=no+such+thing")) },
  { name: "overview", as: "ana", show: async ({ page }) => void (await page.goto("/")) },
  {
    name: "overview-table",
    as: "sam",
    show: async ({ page }) => {
      await page.goto("/?days=7");
      await page.getByText("Show as a table").click();
    },
  },
  { name: "audit", as: "sam", show: async ({ page }) => void (await page.goto("/audit")) },
  {
    name: "audit-narrowed",
    as: "sam",
    show: async ({ page }, api) => {
      const { group } = await groupWithHistory(api);
      await page.goto(`/audit?group=${group.id}&person=none&from=2026-01-01T00:00:00Z`);
    },
  },
  {
    name: "audit-ambiguous",
    as: "sam",
    show: async ({ page }, api) => {
      await groupWithHistory(api);
      await groupWithHistory(api);
      await page.goto("/audit?find_group=EMEA&find_person=nobody+of+this+name");
      await expect(page.getByRole("heading", { name: /^Which group is/ })).toBeVisible();
    },
  },
  {
    name: "audit-none",
    as: "sam",
    show: async ({ page }, api) => void (await page.goto(`/audit?group=${(await api.group("Quiet")).id}`)),
  },
  {
    name: "audit-refused",
    as: "sam",
    show: async ({ page, watch }) => {
      watch.expect(400, "/audit");
      await page.goto("/audit?action=moved");
    },
  },
  {
    name: "as-of",
    as: "sam",
    show: async ({ page }, api) => void (await page.goto(`/audit/as-of?group=${(await groupWithHistory(api)).group.id}`)),
  },
  {
    name: "as-of-workspace",
    as: "sam",
    show: async ({ page }, api) => {
      const { workspaces } = await groupWithHistory(api);
      const at = new Date(Date.now() - 5).toISOString();
      await page.goto(`/audit/as-of?workspace=${workspaces[0]?.id}&at=${at}`);
    },
  },
  {
    name: "as-of-future",
    as: "sam",
    show: async ({ page }) => void (await page.goto("/audit/as-of?at=2999-01-01T00:00:00Z")),
  },
  { name: "comparison-none", as: "sam", show: async ({ page }) => void (await page.goto("/audit/compare")) },
  {
    name: "comparison",
    as: "sam",
    show: async ({ page }, api) => {
      const { group } = await groupWithHistory(api);
      await page.goto(`/audit/compare?group=${group.id}&earlier=2026-01-01T00:00:00Z`);
    },
  },
  {
    name: "comparison-unchanged",
    as: "sam",
    show: async ({ page }, api) => {
      const { group, workspaces } = await groupWithHistory(api);
      const earlier = new Date().toISOString();
      const [live] = await api.live(group);
      await api.remove(live ?? "");
      for (const workspace of workspaces) await api.enroll(group, workspace).catch(() => "");
      await page.goto(`/audit/compare?group=${group.id}&earlier=${earlier}&change=unchanged`);
    },
  },
  {
    name: "not-found",
    as: "sam",
    show: async ({ page, watch }) => {
      watch.expect(404, "/no/such/page");
      await page.goto("/no/such/page");
    },
  },
  {
    name: "group-not-found",
    as: "sam",
    show: async ({ page, watch }) => {
      const path = `/groups/${randomUUID()}`;
      watch.expect(404, path);
      await page.goto(path);
    },
  },
  {
    name: "long-names",
    as: "ana",
    show: async (desk, api) => {
      const { workspaces } = await groupWithHistory(api);
      await desk.openGroup(await api.group("Donaudampfschifffahrtsgesellschaft".repeat(6), workspaces.slice(0, 2)));
    },
  },
  {
    name: "long-name-created",
    as: "ana",
    show: async (desk) => {
      await desk.page.goto("/groups/new");
      const name = `${"x".repeat(200)} ${randomUUID()}`;
      await desk.page.getByLabel("Name", { exact: true }).fill(name);
      await desk.page.getByRole("button", { name: "Create group" }).click();
      await expect(desk.done).toBeVisible();
    },
  },
  {
    name: "long-name-removal",
    as: "ana",
    show: async ({ page }, api) => {
      const { workspaces } = await groupWithHistory(api);
      const group = await api.group("y".repeat(200), workspaces.slice(0, 1));
      await page.goto(`/enrollments/${(await api.live(group))[0]}/remove`);
    },
  },
  {
    name: "long-names-listed",
    as: "ana",
    show: async ({ page }, api) => {
      await api.group("z".repeat(200));
      await page.goto(`/groups?q=${"z".repeat(30)}`);
      await expect(page.getByRole("rowheader").first()).toBeVisible();
    },
  },
];

/** Signs in if the state requires it, and opens the page. */
export async function openState(state: PageState, desk: Desk, api: Api): Promise<void> {
  if (state.as) await desk.signIn(state.as);
  await state.show(desk, api);
  await expect(desk.heading).toHaveCount(1);
}
