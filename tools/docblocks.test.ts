import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { checkDocblocks } from './docblock-rules.js';

/** Faults of a module with this text, as `name: fault`. */
function faultsOf(text: string): string[] {
  const host = ts.createCompilerHost({});
  const { getSourceFile } = host;
  host.getSourceFile = (path, target, ...rest) =>
    path === 'sample.ts' ? ts.createSourceFile(path, text, target) : getSourceFile(path, target, ...rest);
  const program = ts.createProgram(['sample.ts'], { noLib: true, types: [] }, host);
  return checkDocblocks(program, 'sample.ts').map(({ name, fault }) => `${name}: ${fault}`);
}

describe('the docblock gate', () => {
  it('refuses a public name without a docblock', () => {
    expect(faultsOf('export function planTiles(): void {}')).toEqual(['planTiles: missing']);
  });

  it('refuses a block that is empty or holds only modifiers', () => {
    expect(faultsOf('/** */ export const limit = 1;')).toEqual(['limit: missing']);
    expect(faultsOf('/** @public @readonly */ export const limit = 1;')).toEqual(['limit: missing']);
  });

  it.each([
    ['/** The tile size. */ export const tileSize = 1;', 'tileSize'],
    ['/** Gets the tile sizes. */ export function getTileSize(): void {}', 'getTileSize'],
  ])('refuses a block that only repeats the name: %s', (text, name) => {
    expect(faultsOf(text)).toEqual([`${name}: restates-name`]);
  });

  it('looks into interfaces and classes, but not at what is private', () => {
    const text = `
      /** How a picture is cut. */
      export interface TileOptions {
        readonly maxSide?: number;
        /** Tile options' overlap. */
        readonly overlap?: number;
      }
      /** Talks to one worker. */
      export class Host {
        constructor() {}
        private secret = 1;
        #hidden = 2;
        /** Ends it for good. */
        end(): void {}
        open(): void {}
      }`;
    expect(faultsOf(text)).toEqual([
      'TileOptions.maxSide: missing',
      'TileOptions.overlap: restates-name',
      'Host.open: missing',
    ]);
  });

  it('lets good blocks pass, and does not look at what is not exported', () => {
    const text = `
      interface Hidden { readonly inner: number }
      /** Longest side of a tile, in input pixels. */
      export const maxSide = 1;
      /** How the result is written. */
      export interface Output {
        /** @default 'image/png' */
        readonly type?: string;
      }`;
    expect(faultsOf(text)).toEqual([]);
  });

  it('lets a member be explained by its exported type, or by the block of its like right above', () => {
    const text = `
      /** Where a graph runs. */
      export type Device = 'wasm' | 'webgpu';
      /** A finished part of the output. */
      export interface Tile {
        readonly device?: Device | undefined;
        readonly devices: readonly Device[];
        /** Left upper corner in output pixels. */
        readonly x: number;
        readonly y: number;
        readonly width: number;
      }`;
    expect(faultsOf(text)).toEqual(['Tile.width: missing']);
  });
});
