import { join } from 'node:path';
import ts from 'typescript';
import { repositoryRoot } from './repository.js';

const libraryFiles = new Map<string, ts.SourceFile | undefined>();

/**
 * Compiles files that exist only in memory as if they lay in a realm, with the realm's own tsconfig.
 * @param tsconfig Path of the realm's tsconfig from the repository's root, as `workers/tsconfig.json`.
 * @param files Path from the repository's root -> text. They join the realm.
 * @param others Path -> text of files that lie elsewhere and may be imported; all further files come from disk.
 * @returns What the compiler says of these files or because of them, as `TS1234: message`.
 */
export function compileInRealm(
  tsconfig: string,
  files: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>> = {},
): string[] {
  const overlay = new Map(Object.entries({ ...files, ...others }).map(([path, text]) => [absolute(path), text]));
  const roots = Object.keys(files).map(absolute);
  const parsed = ts.getParsedCommandLineOfConfigFile(join(repositoryRoot, tsconfig), undefined, {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'));
    },
  });
  if (parsed === undefined) throw new Error(`No such project: ${tsconfig}`);
  const program = ts.createProgram({
    rootNames: roots,
    options: parsed.options,
    ...(parsed.projectReferences === undefined ? {} : { projectReferences: parsed.projectReferences }),
    host: overlayHost(parsed.options, overlay),
  });
  const found = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics()];
  for (const path of roots) {
    const file = program.getSourceFile(path);
    if (file === undefined) throw new Error(`The compiler did not see ${path}.`);
    found.push(...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file));
  }
  // The program holds only the given files, so TS6307 ("not listed within the file list of project") is also said of the
  // realm's own files that they import; those do not count.
  const own = new Set(parsed.fileNames.map((name) => ts.sys.resolvePath(name)));
  const real = found.filter((diagnostic) => diagnostic.code !== 6307 || !isOwnFile(diagnostic, own));
  return real.map(({ code, messageText }) => `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

function absolute(path: string): string {
  return join(repositoryRoot, path);
}

function isOwnFile(diagnostic: ts.Diagnostic, own: ReadonlySet<string>): boolean {
  const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ');
  const path = /^File '([^']+)'/.exec(text)?.[1];
  return path !== undefined && own.has(ts.sys.resolvePath(path));
}

function overlayHost(options: ts.CompilerOptions, overlay: ReadonlyMap<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => overlay.has(path) || fileExists(path);
  host.readFile = (path) => overlay.get(path) ?? readFile(path);
  host.getSourceFile = (path, target, ...rest) => {
    const text = overlay.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, target);
    if (!path.includes('node_modules')) return getSourceFile(path, target, ...rest);
    if (!libraryFiles.has(path)) libraryFiles.set(path, getSourceFile(path, target, ...rest));
    return libraryFiles.get(path);
  };
  // As the language server does: read the sources of referenced projects, so that nothing has to be built first.
  // Marked internal in TypeScript's own types.
  Object.assign(host, { useSourceOfProjectReferenceRedirect: () => true });
  return host;
}
