/**
 * The tables of `index.sqlite`, version by version (`PRAGMA user_version`). Everything in it can be made anew from the folders, so
 * a migration may also empty a table. `text` stands in a table of its own: comparing 10,000 rows with folders must not read it.
 */
import type { Database } from 'better-sqlite3';

const MIGRATIONS = [
  `CREATE TABLE events (
     id TEXT PRIMARY KEY, camera TEXT NOT NULL, day TEXT NOT NULL, startMs INTEGER NOT NULL,
     bytes INTEGER NOT NULL, isProtected INTEGER NOT NULL, seq INTEGER, hash TEXT,
     jsonBytes INTEGER NOT NULL, jsonMtimeMs REAL NOT NULL
   ) WITHOUT ROWID;
   CREATE INDEX events_by_start ON events (startMs, id);
   CREATE INDEX events_by_camera ON events (camera, startMs, id);
   CREATE TABLE records (id TEXT PRIMARY KEY, text TEXT NOT NULL);`,
];

const INDEX_VERSION = MIGRATIONS.length;

/** Throws where the database is of a later version than this program, or is no database. */
export function migrate(db: Database): void {
  const version = Number(db.pragma('user_version', { simple: true }));
  if (version > INDEX_VERSION) throw new Error(`it is of version ${version}, this Lookout knows ${INDEX_VERSION}`);
  db.transaction(() => {
    for (const sql of MIGRATIONS.slice(version)) db.exec(sql);
    db.pragma(`user_version = ${INDEX_VERSION}`);
  })();
}
