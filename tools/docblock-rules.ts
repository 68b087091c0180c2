import ts from 'typescript';

/** A public name that its readers cannot learn from its docblock. */
export interface DocblockFault {
  /** `Interface.member` or the export's own name. */
  readonly name: string;
  readonly fault: 'missing' | 'restates-name';
  readonly file: string;
  /** 1 for the first line. */
  readonly line: number;
}

/** Tags whose text tells a reader something; a block of nothing but other tags counts as missing. */
const TELLING_TAGS = new Set(['default', 'param', 'returns', 'throws', 'see', 'deprecated', 'remarks', 'example']);

/** Words that add nothing to a name. */
const EMPTY_WORDS = new Set(
  'a an the this that of for to in on is are be it its and or with from by get gets set sets return returns whether value values type types given'.split(
    ' ',
  ),
);

/**
 * Checks that every name that the entry exports, and every member of its interfaces and public classes, has a docblock
 * that says more than the name does. Two kinds of member need none of their own: one whose type is itself an export (its
 * block says it, as in `device: Device`), and one right below a described member of the same type (`width`, `height`).
 * @param entry Path of the source file whose exports are the public surface; it must be in the program.
 */
export function checkDocblocks(program: ts.Program, entry: string): DocblockFault[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const moduleSymbol = source && checker.getSymbolAtLocation(source);
  if (moduleSymbol === undefined) throw new Error(`${entry} is not a module of this program.`);
  const exports = checker.getExportsOfModule(moduleSymbol);
  const exportedNames = new Set(exports.map(({ name }) => name));
  const faults: DocblockFault[] = [];
  for (const exported of exports) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (!isOurs(symbol, program)) continue;
    collect(symbol, exported.name, checker, faults);
    for (const member of publicMembers(symbol)) {
      if (isExplainedElsewhere(member, checker, exportedNames)) continue;
      collect(member, `${exported.name}.${member.name}`, checker, faults);
    }
  }
  return faults;
}

function collect(symbol: ts.Symbol, name: string, checker: ts.TypeChecker, faults: DocblockFault[]): void {
  const text = tellingText(symbol, checker);
  const fault = text.trim() === '' ? 'missing' : restates(text, name) ? 'restates-name' : undefined;
  const declaration = symbol.declarations?.[0];
  if (fault === undefined || declaration === undefined) return;
  faults.push({ name, fault, file: declaration.getSourceFile().fileName, line: lineOf(declaration) });
}

function isExplainedElsewhere(member: ts.Symbol, checker: ts.TypeChecker, exportedNames: ReadonlySet<string>): boolean {
  const declaration = member.declarations?.[0];
  if (declaration === undefined || !isProperty(declaration) || tellingText(member, checker).trim() !== '') return false;
  const type = typeText(declaration);
  const named = /^(?:readonly )?(\w+)(?:\[\])?(?: \| undefined)?$/.exec(type)?.[1];
  if (named !== undefined && exportedNames.has(named)) return true;
  const siblings: readonly ts.Node[] = (declaration.parent as ts.InterfaceDeclaration | ts.ClassDeclaration).members;
  const above = siblings[siblings.indexOf(declaration) - 1];
  if (above === undefined || !isProperty(above) || typeText(above) !== type) return false;
  const symbol = checker.getSymbolAtLocation(above.name);
  const isDescribed = symbol !== undefined && tellingText(symbol, checker).trim() !== '';
  return isDescribed && lineOf(declaration) - lineOf(above) === 1;
}

function isProperty(node: ts.Node): node is ts.PropertySignature | ts.PropertyDeclaration {
  return ts.isPropertySignature(node) || ts.isPropertyDeclaration(node);
}

function typeText(property: ts.PropertySignature | ts.PropertyDeclaration): string {
  return property.type?.getText(property.getSourceFile()) ?? '';
}

function lineOf(node: ts.Node): number {
  const file = node.getSourceFile();
  return file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
}

function tellingText(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const tags = symbol.getJsDocTags(checker).filter(({ name }) => TELLING_TAGS.has(name));
  const comment = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return [comment, ...tags.map(({ text }) => ts.displayPartsToString(text))].join(' ');
}

function restates(text: string, name: string): boolean {
  const known = new Set(words(name));
  return words(text).every((word) => known.has(word));
}

/** Lower-case words without a plural `s`, empty ones left out: `ImageToImageOptions` gives image, image, option. */
function words(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '' && !EMPTY_WORDS.has(word))
    .map((word) => word.replace(/s$/, ''));
}

function isOurs(symbol: ts.Symbol, program: ts.Program): boolean {
  return (symbol.declarations ?? []).some((declaration) => {
    const file = declaration.getSourceFile();
    return !program.isSourceFileFromExternalLibrary(file) && !program.isSourceFileDefaultLibrary(file);
  });
}

function publicMembers(symbol: ts.Symbol): ts.Symbol[] {
  const own = new Set((symbol.declarations ?? []).flatMap(membersOf));
  const all = [...(symbol.members?.values() ?? []), ...(symbol.exports?.values() ?? [])];
  return all.filter((member) =>
    member.declarations?.some((declaration) => own.has(declaration) && isPublic(declaration)),
  );
}

function membersOf(declaration: ts.Declaration): readonly ts.Declaration[] {
  if (ts.isInterfaceDeclaration(declaration) || ts.isClassDeclaration(declaration)) return declaration.members;
  return [];
}

function isPublic(declaration: ts.Declaration): boolean {
  if (ts.isConstructorDeclaration(declaration) || ts.isIndexSignatureDeclaration(declaration)) return false;
  const flags = ts.getCombinedModifierFlags(declaration);
  const name = ts.getNameOfDeclaration(declaration);
  const isHidden = (flags & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
  return !isHidden && name !== undefined && !ts.isPrivateIdentifier(name);
}
