import type { ModelInfo, ModelTask } from 'tintype';

/** Models that differ in their scale only, or one alone. */
export interface ModelKind {
  /** "Sharp", "Photo", "Starry Night (van Gogh)". */
  readonly name: string;
  /** By rising scale; never empty. */
  readonly models: readonly [ModelInfo, ...ModelInfo[]];
  /** Networks of other projects, for comparison. */
  readonly isOther: boolean;
}

/** What a person wants done, and what can do it. */
export interface ModelAim {
  readonly task: ModelTask;
  readonly name: string;
  readonly kinds: readonly [ModelKind, ...ModelKind[]];
}

const AIMS: readonly { readonly task: ModelTask; readonly name: string }[] = [
  { task: 'super-resolution', name: 'Enlarge' },
  { task: 'restoration', name: 'Clean' },
  { task: 'style-transfer', name: 'Restyle' },
];

/** Orders the catalogue as a person chooses: what to do, then how, then how much. */
export function groupModels(models: readonly ModelInfo[]): readonly ModelAim[] {
  return AIMS.flatMap(({ task, name }) => {
    const [first, ...rest] = kindsOf(models.filter((model) => model.task === task));
    return first === undefined ? [] : [{ task, name, kinds: [first, ...rest] }];
  });
}

function kindsOf(models: readonly ModelInfo[]): ModelKind[] {
  const byTitle = new Map<string, [ModelInfo, ...ModelInfo[]]>();
  for (const model of models) {
    const same = byTitle.get(model.title);
    if (same) same.push(model);
    else byTitle.set(model.title, [model]);
  }
  const kinds = [...byTitle].map(([title, same]) => ({
    name: kindName(title),
    models: same.sort((a, b) => a.scale - b.scale),
    isOther: !same[0].id.startsWith('tintype-'),
  }));
  return kinds.sort((a, b) => Number(a.isOther) - Number(b.isOther));
}

/** "Enlarge, sharp" is "Sharp" beside its task. */
function kindName(title: string): string {
  const name = title.replace(/^enlarge,\s*/i, '');
  return name.charAt(0).toUpperCase() + name.slice(1);
}
