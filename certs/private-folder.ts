import { randomBytes } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { chmod, open, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER_NAME = /^plainsight-([1-9][0-9]{0,9})-[0-9a-f]{16}$/;
/** Letters, digits, and single dots or hyphens between them: no separator, no `..`, no leading dot. */
const FILE_NAME = /^[a-z0-9]+(?:[.-][a-z0-9]+)*$/;
const LONGEST_FILE_NAME = 64;

/** A folder for the keys of one run, outside the repository, that only this user can enter. */
export interface PrivateFolder {
  readonly path: string;
  /**
   * Writes a file that only this user can read, whole or not at all, over an older one of that name, and
   * answers its path. Names are the program's own, never the wire's: others than `FILE_NAME` are refused.
   */
  write(name: string, contents: string | Uint8Array): Promise<string>;
  /** Removes the folder with all in it. Synchronous, for `process.on('exit')`; may be called again. */
  remove(): void;
}

/**
 * Makes a private folder under the system's temporary folder and removes the ones that ended runs of the
 * same user left behind, those ended by `kill -9` among them.
 */
export async function openPrivateFolder(): Promise<PrivateFolder> {
  const parent = tmpdir();
  removeLeftovers(parent);
  const path = join(parent, `plainsight-${process.pid}-${randomBytes(8).toString('hex')}`);
  // Fails when anything of that name is there, a symbolic link included.
  mkdirSync(path, { mode: 0o700 });
  openFolders.add(path);
  // An unusual umask can take bits away from the owner too.
  await chmod(path, 0o700);
  return {
    path,
    write: (name, contents) => writeFile(path, name, contents),
    remove: () => {
      rmSync(path, { recursive: true, force: true });
      openFolders.delete(path);
    },
  };
}

/** The folders this process has open: its own number says nothing about a folder, since numbers come again. */
const openFolders = new Set<string>();

async function writeFile(folder: string, name: string, contents: string | Uint8Array): Promise<string> {
  if (name.length > LONGEST_FILE_NAME || !FILE_NAME.test(name)) {
    throw new Error(`${JSON.stringify(name)} is not a name for a file of the private folder.`);
  }
  const path = join(folder, name);
  // Not a valid name, so it cannot collide with a file that somebody asked for.
  const draft = join(folder, `.${name}.${randomBytes(4).toString('hex')}`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(contents);
    await file.close();
    await rename(draft, path);
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
  return path;
}

function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const owner = FOLDER_NAME.exec(name)?.[1];
    if (owner === undefined) continue;
    const path = join(parent, name);
    if (isOurs(path) && !isInUse(path, Number(owner))) removeIfPossible(path);
  }
}

/** A real folder, not a link to one, that belongs to this user. */
function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  // Windows has no user numbers, and its temporary folder belongs to one user.
  const user = process.getuid?.();
  return found?.isDirectory() === true && (user === undefined || found.uid === user);
}

function isInUse(path: string, owner: number): boolean {
  // Containers give every run the same number.
  if (owner === process.pid) return openFolders.has(path);
  try {
    process.kill(owner, 0);
    return true;
  } catch (error) {
    // EPERM: alive, under another user.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // Another run that starts at this moment may be removing it too; what is left, the next start finds.
  }
}
