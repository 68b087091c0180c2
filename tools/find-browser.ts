import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

/** A Chromium to drive, and how it was found. */
export interface FoundBrowser {
  readonly path: string;
  readonly from: 'TINTYPE_BROWSER' | 'playwright' | 'system' | 'playwright-download' | 'apt';
}

/** What the search asks of the machine; tests pass their own. */
export interface BrowserProbes {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  exists(path: string): boolean;
  /** Whether the program there can start at all: a downloaded browser may lack libraries of the system. */
  starts(path: string): boolean;
  /** Where Playwright would have put its own Chromium, whether or not it is there. */
  playwrightPath(): string;
  /** Runs a command to its end with its output shown, and says whether it succeeded. */
  run(command: string, args: readonly string[]): boolean;
}

const LINUX_NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'] as const;
const MAC_APPS = ['Chromium', 'Google Chrome'] as const;
const WINDOWS_PLACES = ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe'] as const;

/**
 * Finds a Chromium without installing anything: `TINTYPE_BROWSER`, Playwright's own, then the system's.
 * @throws Error if `TINTYPE_BROWSER` names a file that does not exist: a wish is never silently replaced.
 */
export function findBrowser(probes: BrowserProbes = machine()): FoundBrowser | undefined {
  const wished = probes.env.TINTYPE_BROWSER;
  if (wished !== undefined && wished !== '') {
    if (probes.exists(wished)) return { path: wished, from: 'TINTYPE_BROWSER' };
    throw new Error(`TINTYPE_BROWSER is ${wished}, which does not exist. Set it to a Chromium or Chrome, or unset it.`);
  }
  const own = probes.playwrightPath();
  if (isUsable(own, probes)) return { path: own, from: 'playwright' };
  const system = systemPlaces(probes).find((path) => isUsable(path, probes));
  return system === undefined ? undefined : { path: system, from: 'system' };
}

/**
 * Finds a Chromium or installs one: Playwright's download first, then, as root on a Debian, the distribution's package.
 * @throws Error that says what to do, if none could be had.
 */
export function findOrInstallBrowser(probes: BrowserProbes = machine()): FoundBrowser {
  const found = findBrowser(probes);
  if (found !== undefined) return found;
  if (probes.run(process.execPath, [playwrightCli(), 'install', 'chromium'])) {
    const path = probes.playwrightPath();
    if (isUsable(path, probes)) return { path, from: 'playwright-download' };
  }
  if (probes.isRoot && probes.platform === 'linux' && probes.exists('/usr/bin/apt-get')) {
    if (probes.run('apt-get', ['update']) && probes.run('apt-get', ['install', '-y', 'chromium'])) {
      const path = systemPlaces(probes).find((place) => isUsable(place, probes));
      if (path !== undefined) return { path, from: 'apt' };
    }
  }
  throw new Error(
    'No Chromium was found and none could be installed. Install Chromium or Chrome, or set TINTYPE_BROWSER to the path of one.',
  );
}

/** Arguments for every start: no sandbox as root (Chromium refuses to start otherwise), and no traffic of its own. */
export function launchArgs(isRoot: boolean = runsAsRoot()): string[] {
  return [
    ...(isRoot ? ['--no-sandbox'] : []),
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
}

function isUsable(path: string, probes: BrowserProbes): boolean {
  return probes.exists(path) && probes.starts(path);
}

function systemPlaces({ env, platform }: BrowserProbes): string[] {
  if (platform === 'win32') {
    const roots = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter((root) => root !== undefined);
    return roots.flatMap((root) => WINDOWS_PLACES.map((place) => `${root}\\${place}`));
  }
  if (platform === 'darwin') {
    const roots = ['/Applications', `${env.HOME ?? ''}/Applications`];
    return roots.flatMap((root) => MAC_APPS.map((app) => `${root}/${app}.app/Contents/MacOS/${app}`));
  }
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return LINUX_NAMES.flatMap((name) => [...folders, '/usr/bin', '/snap/bin'].map((folder) => join(folder, name)));
}

function playwrightCli(): string {
  return createRequire(import.meta.url).resolve('@playwright/test/cli');
}

function playwrightPath(): string {
  const { chromium } = createRequire(import.meta.url)('@playwright/test') as typeof import('@playwright/test');
  return chromium.executablePath();
}

function runsAsRoot(): boolean {
  return process.getuid?.() === 0;
}

function machine(): BrowserProbes {
  return {
    env: process.env,
    platform: process.platform,
    isRoot: runsAsRoot(),
    exists: existsSync,
    // On Windows `--version` opens a window instead of answering; missing libraries are no matter there.
    starts: (path) =>
      process.platform === 'win32' || spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 20_000 }).status === 0,
    playwrightPath,
    run: (command, args) => spawnSync(command, args, { stdio: 'inherit' }).status === 0,
  };
}
