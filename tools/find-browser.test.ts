import { describe, expect, it } from 'vitest';
import { type BrowserProbes, findBrowser, findOrInstallBrowser, launchArgs } from './find-browser.js';

const OWN = '/cache/playwright/chrome';

/** A machine with these files; commands succeed if listed and then make their file exist. */
function machine(
  files: readonly string[],
  rest: Partial<BrowserProbes> & { readonly installs?: Readonly<Record<string, string>> } = {},
): BrowserProbes & { readonly commands: string[] } {
  const present = new Set(files);
  const commands: string[] = [];
  return {
    env: { PATH: '/usr/local/bin:/usr/bin' },
    platform: 'linux',
    isRoot: false,
    exists: (path) => present.has(path),
    starts: () => true,
    playwrightPath: () => OWN,
    run: (command, args) => {
      const line = [command, ...args].join(' ');
      commands.push(line);
      const made = Object.entries(rest.installs ?? {}).find(([name]) => line.includes(name))?.[1];
      if (made !== undefined) present.add(made);
      return made !== undefined;
    },
    ...rest,
    commands,
  };
}

describe('findBrowser', () => {
  it('takes TINTYPE_BROWSER before all else', () => {
    const probes = machine(['/my/chrome', OWN, '/usr/bin/chromium'], { env: { TINTYPE_BROWSER: '/my/chrome' } });
    expect(findBrowser(probes)).toEqual({ path: '/my/chrome', from: 'TINTYPE_BROWSER' });
  });

  it('refuses a TINTYPE_BROWSER that does not exist instead of taking another', () => {
    const probes = machine([OWN], { env: { TINTYPE_BROWSER: '/my/chrome' } });
    expect(() => findBrowser(probes)).toThrow(/TINTYPE_BROWSER is \/my\/chrome, which does not exist/);
  });

  it("takes Playwright's own before the system's", () => {
    expect(findBrowser(machine([OWN, '/usr/bin/chromium']))).toEqual({ path: OWN, from: 'playwright' });
  });

  it.each([
    ['linux', { PATH: '/usr/bin' }, '/usr/bin/chromium'],
    ['linux', { PATH: '/usr/games:/usr/bin' }, '/usr/games/google-chrome'],
    ['darwin', { HOME: '/Users/me' }, '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    ['win32', { PROGRAMFILES: 'C:\\Program Files' }, 'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'],
  ] as const)('finds one of the system on %s', (platform, env, path) => {
    expect(findBrowser(machine([path], { platform, env }))).toEqual({ path, from: 'system' });
  });

  it('passes over one that cannot start', () => {
    const probes = machine([OWN, '/usr/bin/chromium'], { starts: (path) => path !== OWN });
    expect(findBrowser(probes)).toEqual({ path: '/usr/bin/chromium', from: 'system' });
  });

  it('installs nothing', () => {
    const probes = machine([], { installs: { playwright: OWN } });
    expect(findBrowser(probes)).toBeUndefined();
    expect(probes.commands).toEqual([]);
  });
});

describe('findOrInstallBrowser', () => {
  it('runs no command when there is a browser', () => {
    const probes = machine([OWN]);
    expect(findOrInstallBrowser(probes).from).toBe('playwright');
    expect(probes.commands).toEqual([]);
  });

  it("downloads Playwright's own first", () => {
    const probes = machine([], { installs: { 'install chromium': OWN } });
    expect(findOrInstallBrowser(probes)).toEqual({ path: OWN, from: 'playwright-download' });
    expect(probes.commands).toHaveLength(1);
  });

  it('then asks apt, as root on a Debian', () => {
    const probes = machine(['/usr/bin/apt-get'], {
      isRoot: true,
      installs: { 'apt-get update': '/lists', 'apt-get install -y chromium': '/usr/bin/chromium' },
    });
    expect(findOrInstallBrowser(probes)).toEqual({ path: '/usr/bin/chromium', from: 'apt' });
    expect(probes.commands.slice(1)).toEqual(['apt-get update', 'apt-get install -y chromium']);
  });

  it("asks apt also when Playwright's download cannot start for want of libraries", () => {
    const probes = machine(['/usr/bin/apt-get'], {
      isRoot: true,
      starts: (path) => path !== OWN,
      installs: { 'install chromium': OWN, update: '/lists', '-y chromium': '/usr/bin/chromium' },
    });
    expect(findOrInstallBrowser(probes).from).toBe('apt');
  });

  it.each([
    ['not root', machine(['/usr/bin/apt-get'])],
    ['no Debian', machine([], { isRoot: true })],
    ['apt fails', machine(['/usr/bin/apt-get'], { isRoot: true })],
  ])('says what to do when nothing helps: %s', (_title, probes) => {
    expect(() => findOrInstallBrowser(probes)).toThrow(/set TINTYPE_BROWSER/);
  });
});

describe('launchArgs', () => {
  it('gives up the sandbox for root only', () => {
    expect(launchArgs(true)).toContain('--no-sandbox');
    expect(launchArgs(false)).not.toContain('--no-sandbox');
  });
});
