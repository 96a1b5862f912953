import fc from "fast-check";
import { once } from "node:events";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { parseImageKeys, signImagePath, verifyImagePath, type ImagePlace } from "../../lib/labeling/signedPath";
import type { AskBlob } from "../../services/labelingGateway/blobs";
import { createGateway } from "../../services/labelingGateway/gateway";
import { readSettings } from "../../services/labelingGateway/settings";
import { Azurite } from "../azurite/azurite";

const [oldKey, newKey] = ["old:AAAAAAAAAAAAAAAAAAAAAAAA", "new:BBBBBBBBBBBBBBBBBBBBBBBB"];
const origin = "http://studio.test";
const inAnHour = Math.floor(Date.now() / 1000) + 3600;
const place = (path: string): ImagePlace => ({ account: "devstoreaccount1", container: "images", path });

describe("the image gateway", () => {
  const content = Buffer.from("0123456789");
  let azurite: Azurite;
  let server: Server;

  beforeAll(async () => {
    azurite = await Azurite.start();
    for (const name of ["images", "private"]) {
      await azurite.container(name).create();
      const blobHTTPHeaders = { blobContentType: "image/jpeg" };
      for (const path of ["a/ä b.jpg", "secret.jpg"])
        await azurite.container(name).getBlockBlobClient(path).upload(content, content.length, { blobHTTPHeaders });
    }
    const settings = readSettings({
      LABELING_IMAGES_KEYS: `${newKey},${oldKey}`,
      LABELING_IMAGES_ORIGINS: origin,
      LABELING_IMAGES_CONTAINERS: "devstoreaccount1/images",
    });
    const signatures = new Map<string, string>();
    for (const name of ["images", "private"]) signatures.set(name, new URL(await azurite.sasUrl(name)).search);
    // Azurite takes no token here: a signature stands in the place of one.
    const ask: AskBlob = ({ container, path }, init) =>
      fetch(`${azurite.container(container).getBlobClient(path).url}${signatures.get(container)}`, init);
    server = createGateway(settings, ask).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(async () => {
    server.close();
    await azurite.stop();
  });

  /** Sends the path as it is: fetch would make "a/../b" one step shorter. */
  async function get(path: string, headers: Record<string, string> = {}, method = "GET") {
    const { port } = server.address() as AddressInfo;
    const sent = request({ host: "127.0.0.1", port, path, headers, method });
    sent.end();
    const [answer] = (await once(sent, "response")) as [NodeJS.ReadableStream & import("node:http").IncomingMessage];
    return { status: answer.statusCode, headers: answer.headers, body: await buffer(answer) };
  }
  const signed = (blob: ImagePlace, key = newKey, expires = inAnHour) =>
    signImagePath(blob, expires, parseImageKeys(key));

  test("streams the blob of a signed address, which a browser may keep", async () => {
    const { status, headers, body } = await get(signed(place("a/ä b.jpg")), { origin });
    expect([status, body]).toEqual([200, content]);
    expect(headers).toMatchObject({
      "content-type": "image/jpeg",
      "content-length": "10",
      "cache-control": "private, max-age=3600",
      "access-control-allow-origin": origin,
    });
    const again = await get(signed(place("a/ä b.jpg")), { "if-none-match": headers.etag ?? "" });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    const head = await get(signed(place("a/ä b.jpg")), {}, "HEAD");
    expect([head.status, head.headers["content-length"]]).toEqual([200, "10"]);
  });

  test.each([
    ["bytes=2-4", "234", "bytes 2-4/10"],
    ["bytes=7-", "789", "bytes 7-9/10"],
    ["bytes=-2", "89", "bytes 8-9/10"],
  ])("gives the range %s", async (range, part, contentRange) => {
    const { status, headers, body } = await get(signed(place("secret.jpg")), { range });
    expect([status, body.toString(), headers["content-range"]]).toEqual([206, part, contentRange]);
  });

  test.each([
    ["range", "bytes=-0"],
    ["range", "bytes=4-2"],
    ["range", "bytes=0-1,3-4"],
    ["range", "lines=0-1"],
    ["if-none-match", "*"],
    ["if-none-match", '"a", "b"'],
  ])("gives all where %s is %s, which the storage would refuse", async (name, value) => {
    const { status, body } = await get(signed(place("secret.jpg")), { [name]: value });
    expect([status, body]).toEqual([200, content]);
  });

  test("takes addresses of the key before until that is removed", async () => {
    expect((await get(signed(place("secret.jpg"), oldKey))).status).toBe(200);
    expect((await get(signed(place("secret.jpg"), "other:CCCCCCCCCCCCCCCCCCCCCCCC"))).status).toBe(403);
  });

  const good = signed(place("secret.jpg"));
  const [path, query] = good.split("?");
  test.each([
    ["no signature", path],
    ["no path", "/"],
    ["a signature for another image", `${path.replace("secret", "a%2Fb")}?${query}`],
    [
      "a step upwards",
      `${path.replace("images/devstoreaccount1/images", "images/devstoreaccount1/images/../private")}?${query}`,
    ],
    ["an encoded step upwards", `/images/devstoreaccount1/images/%2e%2e/private/secret.jpg?${query}`],
    ["an encoded slash", `/images/devstoreaccount1/images%2Fsecret.jpg/x?${query}`],
    ["another container", `${path.replace("account1/images", "account1/private")}?${query}`],
    ["another container, signed", signed({ ...place("secret.jpg"), container: "private" })],
    ["a later end", good.replace(/exp=\d+/, `exp=${inAnHour + 1}`)],
    ["an end that is over", signed(place("secret.jpg"), newKey, inAnHour - 7200)],
    ["broken percent signs", "/images/devstoreaccount1/images/%E0%A4%A?exp=1&kid=new&sig=x"],
  ])("refuses %s", async (_what, address) => {
    const { status, body, headers } = await get(address ?? "");
    expect([status, headers["cache-control"]]).toEqual([403, "no-store"]);
    expect(body.includes("0123")).toBe(false);
  });

  test("lets only the pages of Label Studio read, and no other method", async () => {
    const other = await get(good, { origin: "http://evil.test" });
    expect(other.headers).not.toHaveProperty("access-control-allow-origin");
    const preflight = await get(good, { origin, "access-control-request-method": "GET" }, "OPTIONS");
    expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, origin]);
    expect((await get(good, {}, "DELETE")).status).toBe(405);
  });

  test("says that an image is gone, and nothing of why", async () => {
    const { status, body } = await get(signed(place("gone.jpg")));
    expect([status, body.toString()]).toEqual([404, "no such image"]);
    expect((await get(good, { range: "bytes=20-30" })).status).toBe(416);
  });
});

describe("a signed address", () => {
  const keys = parseImageKeys(newKey);
  const segment = fc
    .string({ minLength: 1, maxLength: 12, unit: "grapheme" })
    .filter((text) => !/^\.{1,2}$|[/\\\u0000-\u001f]|\p{Surrogate}/u.test(text));

  test("means the blob that it was made for, whatever its name", () => {
    fc.assert(
      fc.property(segment, segment, fc.array(segment, { minLength: 1 }), (account, container, path) => {
        const blob = { account, container, path: path.join("/") };
        expect(verifyImagePath(signImagePath(blob, inAnHour, keys), keys, Date.now())).toEqual(blob);
      }),
    );
  });

  test("means nothing after any change", () => {
    const address = signImagePath(place("a/b.jpg"), inAnHour, keys);
    fc.assert(
      fc.property(fc.nat(address.length - 1), fc.constantFrom(..."aZ09-_%./"), (at, other) => {
        fc.pre(address[at] !== other);
        const changed = address.slice(0, at) + other + address.slice(at + 1);
        expect(typeof verifyImagePath(changed, keys, Date.now())).toBe("string");
      }),
    );
  });

  test.each(["", "id", "id:short", "a b:AAAAAAAAAAAAAAAAAAAAAAAA", "id:AAAAAAAAAAAAAAAAAAAAAAAA,"])(
    "has no keys in %j",
    (text) => expect(() => parseImageKeys(text)).toThrow(/LABELING_IMAGES_KEYS cannot be read/),
  );
});
