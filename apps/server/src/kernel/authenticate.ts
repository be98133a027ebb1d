import type { Endpoint } from '@huitong/contract'
import type { FastifyRequest } from 'fastify'
import type { Actor } from './actor.ts'

/** Finds out who sends a request; refuses with 401 what claims to be somebody and is not. */
export type Authenticator = (endpoint: Endpoint, request: FastifyRequest, raw: Buffer) => Promise<Actor>
