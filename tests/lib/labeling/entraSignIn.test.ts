import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { LabelStudioClient } from "../../../lib/labeling/client";
import { EntraSignIn } from "../../../lib/labeling/entraSignIn";

const studioToken = "0123456789abcdef0123456789abcdef01234567";
const clientId = "00000000-0000-0000-0000-000000000003";

/**
 * Plays the sign-in that Azure puts in front of a container app, with Label Studio behind it: a token of Entra ID buys a
 * session, a request without a good one is led to the login page or told where that is, and the header Authorization is
 * passed on as it is unless it is a bearer's, which the sign-in takes for its own.
 */
class SignInServer {
  readonly behind: string[] = [];
  readonly signedIn: string[] = [];
  private sessions = new Set<string>();
  /** Faults of the next sign-ins. */
  refusals: number[] = [];
  /** How those without a session are treated. */
  action: "redirect" | 401 = "redirect";

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SignInServer> {
    const server = createServer();
    const made = new SignInServer(server);
    server.on("request", (request, response) => void made.answer(request, response));
    await once(server.listen(0, "127.0.0.1"), "listening");
    return made;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** All sessions end, as by a new key of the container app. */
  endSessions(): void {
    this.sessions.clear();
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url, headers } = request;
    const body = await text(request);
    if (url === "/.auth/login/aad") return this.signIn(body, response);
    if (!this.sessions.has(String(headers["x-zumo-auth"])) || /^bearer /i.test(headers.authorization ?? "")) {
      const page = "https://login.example.com/tenant/oauth2/v2.0/authorize?client_id=x";
      if (this.action === "redirect") response.writeHead(302, { location: page }).end("<html>Sign in</html>");
      else
        response.writeHead(401, { "www-authenticate": `Bearer realm="127.0.0.1" authorization_uri="${page}"` }).end();
      return;
    }
    this.behind.push(`${request.method} ${url} ${body}`);
    const isKnown = headers.authorization === `Token ${studioToken}`;
    response
      .writeHead(isKnown ? 200 : 401)
      .end(JSON.stringify(isKnown ? { fine: true } : { detail: "Invalid token." }));
  }

  private signIn(body: string, response: ServerResponse): void {
    const status = this.refusals.shift();
    if (status !== undefined) return void response.writeHead(status).end();
    const { access_token: token } = JSON.parse(body) as { access_token: string };
    this.signedIn.push(token);
    const session = `session-${this.signedIn.length}`;
    this.sessions.add(session);
    response.end(JSON.stringify({ authenticationToken: session, user: { userId: "sid:1" } }));
  }
}

describe("requests through the sign-in of a container app", () => {
  let server: SignInServer;
  beforeEach(async () => {
    server = await SignInServer.start();
  });
  afterEach(() => server.stop());

  const client = (token = studioToken, entraToken: () => Promise<string> = async () => "entra") =>
    new LabelStudioClient(
      { url: server.url, token, signIn: new EntraSignIn({ url: server.url, clientId, token: entraToken }) },
      { tries: 3, pauseMs: 1 },
    );

  test("bring Label Studio its own token, after one sign-in for all of them", async () => {
    const studio = client();
    const all = await Promise.all([studio.get("/api/a"), studio.post("/api/b", { x: 1 }, false), studio.get("/api/c")]);
    expect(all).toEqual([{ fine: true }, { fine: true }, { fine: true }]);
    expect(server.signedIn).toEqual(["entra"]);
    expect([...server.behind].sort()).toEqual(["GET /api/a ", "GET /api/c ", 'POST /api/b {"x":1}']);
  });

  test.each(["redirect", 401] as const)(
    "sign in anew when the session has ended (%s), and nothing is done twice",
    async (action) => {
      server.action = action;
      const studio = client();
      await studio.get("/api/a");
      server.endSessions();
      expect(await studio.post("/api/b", {}, false)).toEqual({ fine: true });
      expect([server.signedIn.length, server.behind]).toEqual([2, ["GET /api/a ", "POST /api/b {}"]]);
    },
  );

  test("wait for a sign-in that is out of order, also those that must not be done twice", async () => {
    server.refusals = [503, 429];
    expect(await client().post("/api/b", {}, false)).toEqual({ fine: true });
    expect(server.behind).toEqual(["POST /api/b {}"]);
  });

  test("say that the identity may not pass, and do not ask again", async () => {
    server.refusals = [403, 403];
    await expect(client().get("/api/a")).rejects.toThrow(
      /does not let this identity pass\. Allow it in the application 00000000-.* \(docs\/labeling\.md/,
    );
    expect(server.refusals).toEqual([403]);
    const asked = client(studioToken, async () =>
      Promise.reject(new Error("AADSTS500011: no such resource\nTrace: 1")),
    );
    await expect(asked.get("/api/a")).rejects.toThrow(
      /Entra ID gives no token for the application 00000000-.*AADSTS500011: no such resource\./,
    );
  });

  test("tell a refusal of Label Studio's from one of the sign-in's", async () => {
    await expect(client("wrong").get("/api/a")).rejects.toThrow(
      /refuses the token of LABEL_STUDIO_API_KEY .*Invalid token/,
    );
    // A token that goes as a bearer's never gets through; it is not taken for Label Studio's refusal.
    const bearer = client("a.b.c");
    jest.spyOn(globalThis, "fetch").mockImplementationOnce(async () => new Response(JSON.stringify({ access: "one" })));
    await expect(bearer.get("/api/a")).rejects.toThrow(/does not let this identity pass/);
  });
});
