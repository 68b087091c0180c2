import { describe, expect, it } from 'vitest';
import { type BenchmarkModel, expectedSeconds, type PlanFacts, planMeasurements } from './plan.js';

const cheap: BenchmarkModel = { id: 'cheap', task: 'restoration', title: 'Cheap', scale: 1, macsPerPixel: 15_000 };
const dear: BenchmarkModel = { ...cheap, id: 'dear', macsPerPixel: 220_000 };
const dearest: BenchmarkModel = { ...cheap, id: 'dearest', macsPerPixel: 720_000 };

function plan(facts: Partial<PlanFacts>): readonly string[] {
  return planMeasurements({ models: [cheap], adapter: 'none', cores: 4, isQuick: false, ...facts }).map(
    ({ model, picture, place }) => `${model.id} ${picture.width} ${place.device} ${place.maxEngines}`,
  );
}

describe('planMeasurements', () => {
  it('takes a megapixel only for cheap models, and less for the dearest', () => {
    expect(plan({ cores: 1 })).toEqual(['cheap 640 wasm 1', 'cheap 1152 wasm 1']);
    expect(plan({ cores: 1, models: [dear, dearest] })).toEqual(['dear 640 wasm 1', 'dearest 320 wasm 1']);
  });

  it('runs on one engine, on all, and on graphics where there are any', () => {
    expect(plan({ models: [dear] })).toEqual(['dear 640 wasm 1', 'dear 640 wasm 4']);
    expect(plan({ models: [dear], adapter: 'hardware' })).toEqual([
      'dear 640 wasm 1',
      'dear 640 wasm 4',
      'dear 640 webgpu 1',
    ]);
    expect(plan({ models: [dear], cores: 64, adapter: 'missing' })).toEqual(['dear 640 wasm 1', 'dear 640 wasm 8']);
  });

  it('gives emulated graphics one tiny picture', () => {
    expect(plan({ cores: 1, adapter: 'software' })).toEqual([
      'cheap 640 wasm 1',
      'cheap 1152 wasm 1',
      'cheap 32 webgpu 1',
    ]);
  });

  it('is quick when asked', () => {
    expect(plan({ isQuick: true, cores: 1, models: [cheap, dear] })).toEqual(['cheap 96 wasm 1', 'dear 96 wasm 1']);
  });
});

it('expects more of larger pictures', () => {
  const [middle, large] = planMeasurements({ models: [cheap], adapter: 'none', cores: 1, isQuick: false });
  if (!middle || !large) throw new Error('No plan.');
  expect(expectedSeconds(large)).toBeGreaterThan(expectedSeconds(middle));
});
