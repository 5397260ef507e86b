import { readFile, stat } from 'node:fs/promises';

/** A file that was named on the command line and cannot be read, said in one sentence. */
export class GivenFileError extends Error {}

/** What is in a file of at most so many bytes. Throws `GivenFileError`. */
export async function givenFile(path: string, mostBytes: number): Promise<Buffer> {
  try {
    const about = await stat(path);
    if (about.isDirectory()) throw new GivenFileError(`${path} is a folder.`);
    if (about.size > mostBytes)
      throw new GivenFileError(`${path} is larger than the ${mostBytes / 1024 / 1024} MiB that are read.`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof GivenFileError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new GivenFileError(
      code === 'ENOENT' ? `There is no file ${path}.` : `${path} cannot be read (${code}).`,
    );
  }
}
