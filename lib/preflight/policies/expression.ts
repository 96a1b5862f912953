import { UserError } from "../../errors";
import { functions } from "./functions";
import { Untold, untoldAmong } from "./untold";

/** What the functions of an expression ask for beside their arguments. */
export interface Surroundings {
  parameter(name: string): unknown;
  field(name: string): unknown;
  /** The element of the innermost count, or of the one of that name. */
  current(name: string | undefined): unknown;
  requestContext: Readonly<Record<string, unknown>>;
  resourceGroup: Readonly<Record<string, unknown>>;
  subscription: Readonly<Record<string, unknown>>;
}

type Node = { value: unknown } | { call: string; args: Node[] } | { of: Node; key: Node };

/**
 * Value of text in a policy, which is an expression where it is in brackets:
 * https://learn.microsoft.com/azure/governance/policy/concepts/definition-structure-policy-rule#policy-functions
 */
export function evaluated(value: unknown, around: Surroundings): unknown {
  if (Array.isArray(value)) {
    const all = value.map((one) => evaluated(one, around));
    return untoldAmong(all) ?? all;
  }
  if (typeof value !== "string" || !value.startsWith("[") || !value.endsWith("]")) return value;
  if (value.startsWith("[[")) return value.slice(1);
  try {
    return valueOf(parse(value.slice(1, -1)), around);
  } catch (error) {
    if (error instanceof UserError) return new Untold(error.message);
    throw error;
  }
}

function valueOf(node: Node, around: Surroundings): unknown {
  if ("value" in node) return node.value;
  if ("of" in node) return memberOf(valueOf(node.of, around), valueOf(node.key, around));
  const args = node.args.map((one) => valueOf(one, around));
  const [first] = args;
  const text = typeof first === "string" ? first : undefined;
  switch (node.call.toLowerCase()) {
    case "parameters":
      return around.parameter(text ?? "");
    case "field":
      return first instanceof Untold ? first : around.field(text ?? "");
    case "current":
      return around.current(text);
    case "requestcontext":
      return around.requestContext;
    case "resourcegroup":
      return around.resourceGroup;
    case "subscription":
      return around.subscription;
    case "if":
      return first instanceof Untold ? first : first === true ? args[1] : args[2];
  }
  const known = functions[node.call.toLowerCase()];
  if (!known) return new Untold(`the function ${node.call} is not understood here`);
  return untoldAmong(args) ?? known(args);
}

function memberOf(from: unknown, key: unknown): unknown {
  const untold = untoldAmong([from, key]);
  if (untold) return untold;
  if (typeof from !== "object" || from === null) return new Untold(`${String(key)} is asked of what has no members`);
  const found = Object.entries(from).find(([name]) => name.toLowerCase() === String(key).toLowerCase());
  return found ? found[1] : new Untold(`${String(key)} is not known beforehand`);
}

const tokens = /\s*(?:'((?:[^']|'')*)'|(-?\d+)|([a-zA-Z_]\w*)|([().,[\]]))/y;

function parse(text: string): Node {
  const found: { text?: string; number?: string; name?: string; sign?: string }[] = [];
  tokens.lastIndex = 0;
  while (text.slice(tokens.lastIndex).trim() !== "") {
    const at = tokens.lastIndex;
    const match = tokens.exec(text);
    if (!match) throw new UserError(`the expression [${text}] is not understood at "${text.slice(at, at + 20)}"`);
    found.push({ text: match[1], number: match[2], name: match[3], sign: match[4] });
  }
  let next = 0;
  const isSign = (sign: string) => found[next]?.sign === sign && ++next > 0;
  const expected = (what: string) => new UserError(`the expression [${text}] lacks ${what}`);
  const expression = (): Node => {
    const token = found[next++];
    let node: Node;
    if (token?.text !== undefined) node = { value: token.text.replaceAll("''", "'") };
    else if (token?.number !== undefined) node = { value: Number(token.number) };
    else if (token?.name !== undefined && isSign("(")) node = { call: token.name, args: list() };
    else throw expected("a value");
    for (;;) {
      if (isSign(".")) node = { of: node, key: { value: found[next++]?.name ?? "" } };
      else if (isSign("[")) {
        node = { of: node, key: expression() };
        if (!isSign("]")) throw expected('a "]"');
      } else return node;
    }
  };
  const list = (): Node[] => {
    if (isSign(")")) return [];
    const args = [expression()];
    while (isSign(",")) args.push(expression());
    if (!isSign(")")) throw expected('a ")"');
    return args;
  };
  const node = expression();
  if (next < found.length) throw expected("its end");
  return node;
}
