// Which input or output of a graph is which: by the names that exports use, else by type and rank.
import { type ErrorDetails, ImageToImageError } from '../../contract/errors.js';
import type { GraphPort } from '../../contract/tensor.js';

/** A tensor that a network takes or gives, and how it is told from the others. */
export interface PortRole {
  /** For messages: "the token ids". */
  readonly what: string;
  /** Names that exports give it, the most telling first. */
  readonly names: readonly string[];
  /** Whether a port whose name nobody knows may be it. Taken only where it is the only such port. */
  fits(port: GraphPort): boolean;
  /** Not every graph has it. */
  readonly optional?: true;
}

/** Roles by key. */
export type PortRoles = Readonly<Record<string, PortRole>>;

/** A port per role; undefined for optional ones that the graph lacks. */
export type ResolvedPorts<Roles extends PortRoles> = {
  readonly [Key in keyof Roles]: Roles[Key] extends { optional: true } ? GraphPort | undefined : GraphPort;
};

/** Whether the port is of that rank and holds float32 or float16. */
export function isFloatOfRank(port: GraphPort, rank: number): boolean {
  return port.dims.length === rank && (port.dtype === 'float32' || port.dtype === 'float16');
}

/**
 * Finds every input of a graph. Nothing may be left over: a graph that takes more than its roles cannot be run.
 * @param network For messages: "U-Net".
 * @throws ImageToImageError `model-unavailable`, phase `compile`: what is missing or too much, and what was there.
 */
export function resolveInputs<const Roles extends PortRoles>(
  network: string,
  ports: readonly GraphPort[],
  roles: Roles,
): ResolvedPorts<Roles> {
  const found = assign(ports, roles);
  const there = `It takes ${describePorts(ports)}.`;
  for (const [key, role] of Object.entries(roles)) {
    const port = found.get(key);
    if (!port && !role.optional) throw misfit(network, missing(network, 'input', role, there), { missing: role.what });
    if (port?.dtype === 'uint8') {
      throw misfit(network, `The ${network} takes ${role.what} as uint8, not as numbers. ${there}`, {
        input: port.name,
      });
    }
  }
  const taken = new Set(found.values());
  const [extra] = ports.filter((port) => !taken.has(port));
  if (extra) {
    const message = `The ${network} has an input "${extra.name}" that Tintype cannot fill. ${there} Models of another kind (SDXL, for one) are not run.`;
    throw misfit(network, message, { input: extra.name });
  }
  return Object.fromEntries(found) as ResolvedPorts<Roles>;
}

/**
 * Finds the one output that is wanted; others are left alone.
 * @param network For messages: "U-Net".
 * @throws ImageToImageError `model-unavailable`, phase `compile`.
 */
export function resolveOutput(network: string, ports: readonly GraphPort[], role: PortRole): GraphPort {
  const port = assign(ports, { role }).get('role');
  if (port) return port;
  throw misfit(network, missing(network, 'output', role, `It gives ${describePorts(ports)}.`), { missing: role.what });
}

/** A graph that is not what its place in the model asks for. */
export function misfit(network: string, message: string, details: ErrorDetails = {}): ImageToImageError {
  return new ImageToImageError({
    code: 'model-unavailable',
    phase: 'compile',
    message,
    details: { network, ...details },
  });
}

/** Such as `"sample" float32[batch, 4, 64, 64]`. */
export function describePort({ name, dtype, dims }: GraphPort): string {
  return `"${name}" ${dtype}[${dims.map((size) => (size === '' ? '?' : size)).join(', ')}]`;
}

/** Names first, for all roles, so that no role takes by its type what another one knows by name. */
function assign(ports: readonly GraphPort[], roles: PortRoles): Map<string, GraphPort> {
  const found = new Map<string, GraphPort>();
  const free = new Set(ports);
  const take = (key: string, port: GraphPort | undefined): void => {
    if (!port) return;
    found.set(key, port);
    free.delete(port);
  };
  for (const [key, { names }] of Object.entries(roles)) {
    const named = names.flatMap((name) => [...free].filter((port) => port.name === name));
    take(key, named[0]);
  }
  for (const [key, role] of Object.entries(roles)) {
    if (found.has(key)) continue;
    const fitting = [...free].filter((port) => role.fits(port));
    if (fitting.length === 1) take(key, fitting[0]);
  }
  return found;
}

function describePorts(ports: readonly GraphPort[]): string {
  return ports.length === 0 ? 'nothing' : ports.map(describePort).join(', ');
}

function missing(network: string, kind: 'input' | 'output', role: PortRole, there: string): string {
  return `The ${network} has no ${kind} for ${role.what} (mostly named "${role.names[0]}"). ${there} Export the model in the diffusers layout.`;
}
