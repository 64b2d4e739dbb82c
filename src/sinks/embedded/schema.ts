/**
 * `alias`: what stands behind a name; the view of that name shows it. `version`: what was published under a name, in order;
 * tables that it does not name are leftovers. `slice`: the run that wrote a slice last.
 */
export const MIGRATIONS = [
  `CREATE TABLE alias (name TEXT PRIMARY KEY, current TEXT NOT NULL, previous TEXT, "rows" INTEGER, published_at INTEGER NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE document_origin (alias TEXT PRIMARY KEY, origin TEXT NOT NULL) WITHOUT ROWID;`,
  `CREATE TABLE version (seq INTEGER PRIMARY KEY AUTOINCREMENT, alias TEXT NOT NULL, name TEXT NOT NULL UNIQUE);
   INSERT INTO version (alias, name) SELECT name, previous FROM alias WHERE previous IS NOT NULL;
   INSERT INTO version (alias, name) SELECT name, current FROM alias WHERE current NOT LIKE '%@documents';
   ALTER TABLE alias DROP COLUMN previous;
   ALTER TABLE alias DROP COLUMN "rows";
   ALTER TABLE alias DROP COLUMN published_at;
   CREATE TABLE slice (alias TEXT, field TEXT, value TEXT, version TEXT NOT NULL, PRIMARY KEY (alias, field, value)) WITHOUT ROWID;`,
];
