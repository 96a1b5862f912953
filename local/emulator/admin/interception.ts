import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import type { Server as SecureServer } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./faults";

/** Lets each request of a server go wrong as `faultOf` says; one without a fault goes its way. */
export function interceptFaults(
  server: Server | SecureServer,
  faultOf: (request: IncomingMessage) => Fault | undefined,
  answerStatus: (response: ServerResponse, fault: Extract<Fault, { status: number }>) => void,
): void {
  const listeners = server.listeners("request") as RequestListener[];
  const proceed = (request: IncomingMessage, response: ServerResponse) => {
    for (const listener of listeners) void listener.call(server, request, response);
  };
  server.removeAllListeners("request");
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const fault = faultOf(request);
    if (!fault) return proceed(request, response);
    if ("reset" in fault) return request.socket.destroy();
    if ("slowMs" in fault) return void sleep(fault.slowMs).then(() => proceed(request, response));
    if ("truncate" in fault) {
      cutAnswer(response);
      return proceed(request, response);
    }
    request.resume();
    if (fault.retryAfter !== undefined) response.setHeader("retry-after", String(fault.retryAfter));
    answerStatus(response, fault);
  });
}

/** Sends the headers and half of the body, then cuts the connection. */
function cutAnswer(response: ServerResponse): void {
  const write = response.write.bind(response) as (chunk: unknown, done: () => void) => boolean;
  let isCut = false;
  const cut = (chunk: unknown) => {
    if (isCut) return;
    isCut = true;
    const bytes = typeof chunk === "string" || Buffer.isBuffer(chunk) ? Buffer.from(chunk as string) : Buffer.alloc(0);
    if (bytes.length < 2) return response.destroy();
    write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  };
  response.write = ((chunk: unknown) => {
    cut(chunk);
    return true;
  }) as typeof response.write;
  response.end = ((chunk: unknown) => {
    cut(chunk);
    return response;
  }) as typeof response.end;
}
