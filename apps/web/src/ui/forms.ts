import type { FormInstance } from 'antd'
import { fieldOf, type Problem } from './problem.ts'

type Name = readonly (string | number)[]

/** The field of the form that a place means: the place itself, or the nearest field above or below it. */
export function nearestField(names: readonly Name[], wanted: Name): Name | null {
  const same = (a: Name, b: Name) => a.length <= b.length && a.every((part, at) => String(part) === String(b[at]))
  let best: Name | null = null
  for (const name of names) if (same(name, wanted) && (best === null || name.length > best.length)) best = name
  return best ?? names.find((name) => same(wanted, name)) ?? null
}

/** Writes the places of a refusal beside their fields; answers those that belong to no field. */
export function showPlaces(form: FormInstance, problem: Problem, say: (said: Problem['message']) => string): number {
  const names = form.getFieldsError().map((field) => field.name as Name)
  let unplaced = 0
  const marks = new Map<string, { name: Name; errors: string[] }>()
  for (const place of problem.places) {
    const name = nearestField(names, fieldOf(place.path))
    if (!name) {
      unplaced++
      continue
    }
    const mark = marks.get(name.join('/')) ?? { name, errors: [] }
    const error = say(place.problem)
    if (!mark.errors.includes(error)) mark.errors.push(error)
    marks.set(name.join('/'), mark)
  }
  form.setFields([...marks.values()].map((mark) => ({ name: [...mark.name], errors: mark.errors })))
  return unplaced
}

/** Scrolls to the field of a place and focuses it. */
export function goToField(form: FormInstance, pointer: string): void {
  const names = form.getFieldsError().map((field) => field.name as Name)
  const name = nearestField(names, fieldOf(pointer))
  const node = name && document.getElementById(name.join('_'))
  if (!node) return
  node.scrollIntoView({ block: 'center' })
  // Groups of choices and grids cannot be focused themselves; their first control can.
  const control = node.matches(FOCUSABLE) ? node : node.querySelector<HTMLElement>(FOCUSABLE)
  ;(control ?? node).focus()
}

const FOCUSABLE = 'input:not([disabled]), textarea:not([disabled]), select:not([disabled]), button:not([disabled])'
