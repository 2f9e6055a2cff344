// Creates test data through the API. Each test has its own groups, so that all tests can run in parallel.

import { randomUUID } from "node:crypto";
import type { APIRequestContext, APIResponse } from "@playwright/test";

export interface Group {
  id: string;
  name: string;
}

export interface Workspace {
  id: string;
  name: string;
  externalId: string;
}

export interface Person {
  id: string;
  name: string;
  email: string;
}

interface Resource {
  id: string;
  attributes: Record<string, string | null>;
}

const MEDIA_TYPE = "application/vnd.api+json";

export class Api {
  private demoWorkspaces: Workspace[] | undefined;

  constructor(private readonly request: APIRequestContext) {}

  static headers(token: string): Record<string, string> {
    return { authorization: `Bearer ${token}`, accept: MEDIA_TYPE };
  }

  private async post(path: string, data: unknown): Promise<Resource> {
    const answer = await this.request.post(path, {
      headers: { "content-type": MEDIA_TYPE },
      data: JSON.stringify({ data }),
    });
    return (await read<{ data: Resource }>(answer)).data;
  }

  /** Creates a group with a unique name. */
  async group(name: string, workspaces: Workspace[] = []): Promise<Group> {
    const unique = `${name} ${randomUUID().slice(0, 8)}`;
    const created = await this.post("/v1/workspace-groups", {
      type: "workspace_group",
      attributes: { name: unique },
      relationships: { workspaces: { data: workspaces.map(({ id }) => ({ type: "workspace", id })) } },
    });
    return { id: created.id, name: unique };
  }

  /** Enrolls a workspace in a group and returns the id of the enrollment. */
  async enroll(group: Group, workspace: Workspace): Promise<string> {
    const created = await this.post("/v1/workspace-group-workspaces", {
      type: "workspace_group_workspace",
      relationships: {
        workspace_group: { data: { type: "workspace_group", id: group.id } },
        workspace: { data: { type: "workspace", id: workspace.id } },
      },
    });
    return created.id;
  }

  /** Creates a workspace that is in no group, with a unique name and external id. */
  async newWorkspace(name: string): Promise<Workspace> {
    const suffix = randomUUID().slice(0, 8);
    const unique = { name: `${name} ${suffix}`, externalId: `e2e-${suffix}` };
    const attributes = { name: unique.name, external_workspace_id: unique.externalId, avatar_color: "#3366cc" };
    const created = await this.post("/v1/workspaces", { type: "workspace", attributes });
    return { id: created.id, ...unique };
  }

  /** Creates a person with a unique name and e-mail address. */
  async newPerson(firstName: string): Promise<Person> {
    const suffix = randomUUID().slice(0, 8);
    const [lastName, email] = [`Test ${suffix}`, `${suffix}@example.com`];
    const attributes = { first_name: firstName, last_name: lastName, email };
    const created = await this.post("/v1/people", { type: "people", attributes });
    return { id: created.id, name: `${firstName} ${lastName}`, email };
  }

  async deletePerson(person: Person): Promise<void> {
    const answer = await this.request.delete(`/v1/people/${person.id}`);
    if (!answer.ok()) throw new Error(`DELETE: ${answer.status()} ${await answer.text()}`);
  }

  async remove(enrollment: string): Promise<void> {
    const answer = await this.request.delete(`/v1/workspace-group-workspaces/${enrollment}`);
    if (!answer.ok()) throw new Error(`DELETE: ${answer.status()} ${await answer.text()}`);
  }

  /** Returns the id of the latest change set of a group. */
  async changeSet(group: Group): Promise<string> {
    const answer = await this.request.get(`/v1/enrollment-events?filter[workspace_group]=${group.id}&page[size]=1`);
    const { data } = await read<{ data: Resource[] }>(answer);
    return data[0]?.attributes["change_set_id"] ?? "";
  }

  /** Returns the ids of the live enrollments of a group. */
  async live(group: Group): Promise<string[]> {
    const path = `/v1/workspace-group-workspaces?filter[workspace_group]=${group.id}`;
    const { data } = await read<{ data: Resource[] }>(await this.request.get(path));
    return data.map(({ id }) => id);
  }

  async groupsNamed(search: string): Promise<Group[]> {
    const path = `/v1/workspace-groups?filter[q]=${encodeURIComponent(search)}`;
    const { data } = await read<{ data: Resource[] }>(await this.request.get(path));
    return data.map(({ id, attributes }) => ({ id, name: attributes["name"] ?? "" }));
  }

  /** Returns random workspaces of the demo data. Each has an external id, and a name that no other name contains. */
  async workspaces(number: number): Promise<Workspace[]> {
    this.demoWorkspaces ??= await this.readWorkspaces();
    const start = Math.floor(Math.random() * (this.demoWorkspaces.length - number));
    return this.demoWorkspaces.slice(start, start + number);
  }

  async workspace(): Promise<Workspace> {
    const [workspace] = await this.workspaces(1);
    if (workspace === undefined) throw new Error("the demo data has no workspaces");
    return workspace;
  }

  private async readWorkspaces(): Promise<Workspace[]> {
    const all: Workspace[] = [];
    let path: string | null = "/v1/workspaces?page[size]=100";
    while (path !== null) {
      const page: { data: Resource[]; links: { next: string | null } } = await read(await this.request.get(path));
      for (const { id, attributes } of page.data) {
        all.push({ id, name: attributes["name"] ?? "", externalId: attributes["external_workspace_id"] ?? "" });
      }
      path = page.links.next;
    }
    const occurrences = (name: string) => all.filter((other) => other.name.includes(name)).length;
    return all.filter(({ name, externalId }) => externalId !== "" && occurrences(name) === 1);
  }
}

async function read<T>(answer: APIResponse): Promise<T> {
  if (!answer.ok()) throw new Error(`${answer.url()}: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as T;
}
