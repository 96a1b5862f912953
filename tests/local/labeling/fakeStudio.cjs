"use strict";
// Stands in for Label Studio's process where a test is about how processes are started and ended.
const { createServer } = require("node:http");
const { appendFileSync } = require("node:fs");
const { join } = require("node:path");

const data = process.env.LABEL_STUDIO_BASE_DATA_DIR;
appendFileSync(join(data, "label_studio.sqlite3"), "started\n");
appendFileSync(join(data, "environment.json"), JSON.stringify(process.env));
const port = Number(process.argv[process.argv.indexOf("--port") + 1]);
createServer((request, response) => {
  const authorized = request.headers.authorization === `Token ${process.env.LABEL_STUDIO_USER_TOKEN}`;
  response.statusCode = request.url === "/health" || authorized ? 200 : 401;
  response.end(JSON.stringify({ invite_url: "/user/signup/?token=invited" }));
}).listen(port, "127.0.0.1");
