"use strict";
// Calls one method of a lifecycle as the engine's provider process does, and prints what it answers or throws as the last
// line: driverMain.cjs FOLDER METHOD ARGUMENTS-AS-JSON
const load = require("../../providers/load.cjs");

const [folder, method, args] = process.argv.slice(2);

load(folder)
  [method](...JSON.parse(args))
  .then(
    (answer) => ({ answer }),
    ({ message, id, properties }) => ({ thrown: { message, id, properties } }),
  )
  .then((outcome) => {
    console.log(JSON.stringify(outcome));
    process.exit();
  });
