import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { LabelStudioClient } from "../../../lib/labeling/client";
import { imageSigning, labelingConnection } from "../../../lib/labeling/connection";

const token = "0123456789abcdef0123456789abcdef01234567";

describe("requests to Label Studio", () => {
  let server: Server;
  let asked: string[];
  let answers: ((request: IncomingMessage, response: ServerResponse) => void)[];
  const status =
    (code: number, body: unknown = {}, headers: Record<string, string> = {}) =>
    (_: IncomingMessage, response: ServerResponse) =>
      response.writeHead(code, headers).end(typeof body === "string" ? body : JSON.stringify(body));
  const reset = (request: IncomingMessage) => request.socket.destroy();

  beforeEach(async () => {
    [asked, answers] = [[], []];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      (answers.shift() ?? status(200, { fine: true }))(request, response);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  const client = (secret = token, more = {}) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return new LabelStudioClient({ url, token: secret }, { pauseMs: 1, tries: 4, ...more });
  };

  test("are repeated while it is busy, fails or breaks the connection", async () => {
    answers = [status(429, {}, { "retry-after": "0" }), status(503), reset];
    expect(await client().get("/api/x")).toEqual({ fine: true });
    expect(asked).toEqual(Array(4).fill(`GET /api/x Token ${token}`));
  });

  test("wait for as long as they are asked to, and no longer than is good", async () => {
    answers = [status(429, {}, { "retry-after": "1" })];
    const started = performance.now();
    expect(await client().post("/api/x", {}, false)).toEqual({ fine: true });
    expect(performance.now() - started).toBeGreaterThan(990);
    answers = [status(503, {}, { "retry-after": "3600" })];
    await expect(client().get("/api/x")).rejects.toThrow(
      /answers 503\. It asks to wait for 3600 s: run this again then/,
    );
    expect(asked).toHaveLength(3);
  });

  test("end after a bounded number of tries, with what to do", async () => {
    answers = Array(9).fill(status(502, "<html>Bad gateway</html>")) as typeof answers;
    await expect(client().patch("/api/x", {})).rejects.toThrow(
      /PATCH .*\/api\/x: Label Studio answers 502.*look at its log/,
    );
    expect(asked).toHaveLength(4);
  });

  test("that must not be done twice are repeated only when they were surely not done", async () => {
    answers = [status(429), status(429)];
    expect(await client().post("/api/x", {}, false)).toEqual({ fine: true });
    for (const [fault, isOver] of [
      [status(500), true],
      [status(504), false],
      [reset, false],
    ] as const) {
      answers = [fault];
      const before = asked.length;
      await expect(client().post("/api/x", {}, false)).rejects.toMatchObject({ name: "UnknownOutcome", isOver });
      expect(asked).toHaveLength(before + 1);
    }
  });

  test("have an end when no answer comes", async () => {
    answers = Array(9).fill(() => {}) as typeof answers;
    await expect(client(token, { tries: 2, requestMs: 50 }).get("/api/x")).rejects.toThrow(
      /does not answer \(no answer in time\)/,
    );
  });

  test("say that the token is refused, at once and without showing it", async () => {
    answers = [status(401, { detail: `Invalid token ${token}.` })];
    const refused = client().get("/api/x");
    await expect(refused).rejects.toThrow(/refuses the token of LABEL_STUDIO_API_KEY .*401 Invalid token \*\*\*/);
    expect(asked).toHaveLength(1);
  });

  test("go with a personal access token as what that is exchanged for, and anew when it has ended", async () => {
    answers = [
      status(200, { access: "one" }),
      status(200, {}),
      status(401),
      status(200, { access: "two" }),
      status(200, { fine: 2 }),
    ];
    const personal = client("aaaa.bbbb.cccc");
    await personal.get("/api/x");
    expect(await personal.get("/api/y")).toEqual({ fine: 2 });
    expect(asked.map((line) => line.replace(/ undefined$/, ""))).toEqual([
      "POST /api/token/refresh/",
      "GET /api/x Bearer one",
      "GET /api/y Bearer one",
      "POST /api/token/refresh/",
      "GET /api/y Bearer two",
    ]);
  });

  test("say where nothing answers, and where something else does", async () => {
    answers = [status(200, "<html>")];
    await expect(client().get("/api/x")).rejects.toThrow(/no JSON: "<html>".*labeling\.url/);
    const gone = client();
    server.close();
    await expect(gone.get("/api/x")).rejects.toThrow(/does not answer \(ECONNREFUSED\).*npm run local:labeling/);
  });
});

test("what the environment lacks is named", () => {
  expect(() => labelingConnection({ url: "http://x" }, {})).toThrow(/LABEL_STUDIO_API_KEY is not set.*local:labeling/);
  expect(() => labelingConnection({ url: "x" }, { LABEL_STUDIO_API_KEY: "t" })).toThrow(/labeling\.url is "x"/);
  expect(() => imageSigning({ imagesUrl: "http://x" }, {})).toThrow(/LABELING_IMAGES_KEYS is not set/);
});
