// Makes the replica set and its two users, or brings them up to date. Run by mongosh beside the first
// member, as often as you like: what is as it should be stays.
//
// Until the first user exists, a server that asks for authentication lets its own machine make one; so
// this runs in the first member's network.

const need = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};
const rootPassword = need("MONGO_ROOT_PASSWORD");
const password = need("MONGO_PASSWORD");
const members = need("MONGO_MEMBERS").split(",");
const database = need("MONGODB_DATABASE");
const local = process.env.MONGO_LOCAL ?? "127.0.0.1:27017";

// A pause of the primary lasts about as long as the election timeout: the default is 10 s.
const settings = { electionTimeoutMillis: 2000, heartbeatIntervalMillis: 500, heartbeatTimeoutSecs: 2 };

// Exactly what the service does: it drops nothing and sees no other database.
const privileges = [
  {
    resource: { db: database, collection: "" },
    actions: [
      "find", "insert", "update", "remove", "changeStream",
      "createCollection", "createIndex", "listCollections", "listIndexes", "collStats",
    ],
  },
];

const codeIs = (name) => (error) => error.codeName === name;
function unless(expected, work) {
  try {
    work();
    return true;
  } catch (error) {
    if (expected(error)) return false;
    throw error;
  }
}

const here = connect(`mongodb://${local}/admin?directConnection=true`);
// Kept out of connection strings, which end up in logs.
const signIn = (db) => unless(codeIs("AuthenticationFailed"), () => db.auth("root", rootPassword));
const known = signIn(here);

const started = unless(codeIs("AlreadyInitialized"), () => {
  const rows = members.map((host, _id) => ({ _id, host, priority: _id === 0 ? 2 : 1 }));
  here.adminCommand({ replSetInitiate: { _id: "rs0", members: rows, settings } });
});
print(started ? "replica set made" : "replica set is there");

let primary = here.hello().primary;
for (let tries = 0; !primary; tries += 1) {
  if (tries === 300) throw new Error("no primary within a minute");
  sleep(200);
  primary = here.hello().primary;
}

if (!known) {
  // Only the first member's machine may, and only while there is no user: it wins the first election.
  here.createUser({ user: "root", pwd: rootPassword, roles: ["root"] });
  print("user root made");
}

const admin = connect(`mongodb://${members.join(",")}/admin?replicaSet=rs0`);
admin.auth("root", rootPassword);
const target = admin.getSiblingDB(database);
const exists = (error) => error.code === 51002 || error.code === 51003;
const roles = ["whatsapp"];
if (!unless(exists, () => target.createRole({ role: "whatsapp", privileges, roles: [] }))) {
  target.updateRole("whatsapp", { privileges, roles: [] });
}
if (!unless(exists, () => target.createUser({ user: "whatsapp", pwd: password, roles }))) {
  target.updateUser("whatsapp", { pwd: password, roles });
}
print(`user whatsapp of ${database} is as it should be; primary is ${primary}`);
