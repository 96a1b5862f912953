import { isDeepStrictEqual, parseArgs, type ParseArgsConfig } from "node:util";
import { CommandError } from "./commandError";
import { isMap } from "../../maps";
import { emptyKinds, kindNamed, type ClusterObject, type Kind } from "./kinds";
import { readManifest } from "./manifest";
import type { ClusterObjects } from "./objects";
import { printed } from "./print";

const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

const options = {
  filename: { type: "string", short: "f", multiple: true },
  namespace: { type: "string", short: "n", default: "default" },
  "all-namespaces": { type: "boolean", short: "A", default: false },
  output: { type: "string", short: "o", default: "" },
  "ignore-not-found": { type: "boolean", default: false },
  wait: { type: "string" },
  "server-side": { type: "boolean", default: false },
  "force-conflicts": { type: "boolean", default: false },
} as const satisfies ParseArgsConfig["options"];

type Values = ReturnType<typeof parse>["values"];

/** Files that came with the command, by name. */
export type Files = ReadonlyMap<string, string>;

/** One kubectl command on a cluster; answers what it writes. @throws CommandError */
export class Kubectl {
  constructor(
    private readonly objects: ClusterObjects,
    private readonly files: Files,
  ) {}

  run(args: readonly string[]): string {
    const { values, positionals } = parse(args);
    const [verb = "", ...rest] = positionals;
    switch (verb) {
      case "apply":
      case "create":
      case "replace":
        if (rest.length > 0) throw notHere(`${verb} ${rest.join(" ")}`);
        return this.write(verb, values);
      case "get":
        return this.get(rest, values);
      case "delete":
        return this.delete(rest, values);
      default:
        throw notHere(verb);
    }
  }

  private write(verb: "apply" | "create" | "replace", values: Values): string {
    const applied = this.manifests(values, verb);
    return applied
      .map(({ kind, object }) => {
        const before = this.objects.get(kind, object.metadata.name, object.metadata.namespace);
        const named = `${kind.singular}/${object.metadata.name}`;
        this.requireNamespace(kind, object);
        if (verb === "create" && before)
          throw new CommandError(
            `Error from server (AlreadyExists): error when creating "${values.filename?.[0]}": ${kind.resource} "${object.metadata.name}" already exists`,
          );
        if (verb === "replace" && !before)
          throw new CommandError(
            `Error from server (NotFound): error when replacing "${values.filename?.[0]}": ${kind.resource} "${object.metadata.name}" not found`,
          );
        if (verb !== "apply") {
          this.objects.put(kind, object);
          return `${named} ${verb}d`;
        }
        if (values["server-side"]) {
          this.objects.put(kind, before ? (threeWay({}, object, before) as ClusterObject) : object);
          return `${named} serverside-applied`;
        }
        const next = merged(object, before);
        if (before && isDeepStrictEqual(contentOf(next), contentOf(before))) return `${named} unchanged`;
        this.objects.put(kind, next);
        return `${named} ${before ? "configured" : "created"}`;
      })
      .join("\n");
  }

  private get(args: readonly string[], values: Values): string {
    const wanted = this.selection(args);
    const found = wanted.flatMap(({ kind, names }) => {
      const scope = values["all-namespaces"] ? "" : values.namespace;
      if (names.length === 0) return this.objects.list(kind, scope);
      return names.flatMap((name) => this.objects.get(kind, name, scope) ?? this.missing(kind, name, values));
    });
    const single = wanted.length === 1 && wanted[0]?.names.length === 1;
    return printed(found, values.output, single, values["all-namespaces"] ? "" : values.namespace);
  }

  private delete(args: readonly string[], values: Values): string {
    const doomed: { kind: Kind; object: ClusterObject }[] = [];
    const find = (kind: Kind, name: string, namespace: string) => {
      const object = this.objects.get(kind, name, namespace);
      if (object) doomed.push({ kind, object });
      else this.missing(kind, name, values);
    };
    if (values.filename)
      for (const { kind, object } of this.manifests(values, "delete"))
        find(kind, object.metadata.name, object.metadata.namespace ?? "");
    else
      for (const { kind, names } of this.selection(args)) {
        if (names.length === 0) throw new CommandError("error: resource(s) were provided, but no name was specified");
        for (const name of names) find(kind, name, values.namespace);
      }
    return doomed
      .map(({ kind, object }) => {
        const { name } = object.metadata;
        if (kind.kind === "Namespace" && (/^kube-/.test(name) || name === "default"))
          throw new CommandError(
            `Error from server (Forbidden): namespaces "${name}" is forbidden: this namespace may not be deleted`,
          );
        if (kind.kind === "Deployment") throw notHere("delete deployment");
        this.objects.remove(kind, object);
        return `${kind.singular} "${name}" deleted`;
      })
      .join("\n");
  }

  private manifests(values: Values, verb: string) {
    if (!values.filename) throw new CommandError(`error: must specify one of -f and -k`);
    return values.filename.flatMap((file) => {
      if (file === "-") throw notHere(`${verb} -f -`);
      const text = this.files.get(file.replace(/^\.\//, ""));
      if (text === undefined) throw new CommandError(`error: the path "${file}" does not exist`);
      return readManifest(text, file, this.objects, values.namespace);
    });
  }

  private requireNamespace(kind: Kind, { metadata: { namespace } }: ClusterObject): void {
    const namespaces = kindNamed("namespaces");
    if (!kind.namespaced || namespace === undefined || !namespaces) return;
    if (!this.objects.get(namespaces, namespace))
      throw new CommandError(`Error from server (NotFound): namespaces "${namespace}" not found`);
  }

  /** "TYPE[,TYPE]", "TYPE NAME...", or "TYPE/NAME...". Kinds of which there is nothing are left out. */
  private selection(args: readonly string[]): { kind: Kind; names: string[] }[] {
    const [first = "", ...names] = args;
    if (first === "")
      throw new CommandError(
        'error: You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.',
      );
    if (args.some((arg) => arg.includes("/"))) {
      return args.map((arg) => {
        const [type = "", name = ""] = arg.split("/");
        const kind = this.kindOf(type);
        if (!kind || name === "")
          throw new CommandError(
            "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
          );
        return { kind, names: [name] };
      });
    }
    return first.split(",").flatMap((type) => {
      const kind = this.kindOf(type);
      return kind ? [{ kind, names }] : [];
    });
  }

  private kindOf(type: string): Kind | undefined {
    const kind = kindNamed(type);
    if (kind && this.objects.has(kind)) return kind;
    if (emptyKinds.has(type) || emptyKinds.has(`${type}s`)) return undefined;
    throw new CommandError(`error: the server doesn't have a resource type "${type}"`);
  }

  private missing(kind: Kind, name: string, values: Values): [] {
    if (values["ignore-not-found"]) return [];
    throw new CommandError(`Error from server (NotFound): ${kind.resource} "${name}" not found`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const [, flag = ""] = /option '(?:-\w, )?(-[^ '=]+)/.exec((error as Error).message) ?? [];
    throw flag === "" ? new CommandError(`error: ${(error as Error).message}`) : notHere(`the option ${flag}`);
  }
}

function notHere(what: string): CommandError {
  return new CommandError(
    `error: kubectl ${what} is not in the local cloud, which has apply, create, replace, get and delete; see docs/local.md`,
  );
}

/** What was applied last and is not any more goes, what is new comes, and what others have set stays. */
function merged(object: ClusterObject, before: ClusterObject | undefined): ClusterObject {
  const applied: ClusterObject = structuredClone(object);
  const note = JSON.stringify(object);
  applied.metadata.annotations = { ...applied.metadata.annotations, [lastApplied]: note };
  if (!before) return applied;
  const text = before.metadata.annotations?.[lastApplied];
  const last: unknown = text === undefined ? {} : JSON.parse(text);
  return threeWay(last, applied, before) as ClusterObject;
}

function threeWay(last: unknown, next: unknown, live: unknown): unknown {
  if (!isMap(next) || !isMap(live)) return next;
  const result: Record<string, unknown> = { ...live };
  for (const key of Object.keys(isMap(last) ? last : {})) if (!(key in next)) delete result[key];
  for (const [key, value] of Object.entries(next)) {
    if (value === null) delete result[key];
    else result[key] = threeWay(isMap(last) ? last[key] : undefined, value, live[key]);
  }
  return result;
}

/** An object without what the API server keeps of it. */
function contentOf({ metadata, status: _, ...rest }: ClusterObject): unknown {
  const {
    uid: _uid,
    resourceVersion: _version,
    generation: _generation,
    creationTimestamp: _created,
    ...own
  } = metadata;
  return { ...rest, metadata: own };
}
