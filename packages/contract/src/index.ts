import { catalogueEndpoints } from './catalogue.ts'
import { centreEndpoints } from './centre.ts'
import { curationEndpoints } from './curation.ts'
import { dataStandardEndpoints } from './data-standards.ts'
import type { Endpoint } from './endpoint.ts'
import { evidenceEndpoints } from './evidence.ts'
import { exchangeEndpoints } from './exchange.ts'
import { fusionEndpoints } from './fusion.ts'
import { lineageEndpoints } from './lineage.ts'
import { workbenchEndpoints } from './workbench.ts'
import { gatewayEndpoints } from './gateway.ts'
import { governanceEndpoints } from './governance.ts'
import { identityEndpoints } from './identity.ts'
import { nodesEndpoints } from './nodes.ts'
import { operationsEndpoints } from './operations.ts'
import { portalEndpoints } from './portal.ts'
import { recipeEndpoints } from './recipes.ts'
import { ruleDesignEndpoints } from './rule-design.ts'
import { runComparisonEndpoints } from './run-comparison.ts'
import { searchEndpoints } from './search.ts'
import { standardsEndpoints } from './standards.ts'

export * from './client.ts'
export * from './common.ts'
export * from './endpoint.ts'
export * from './errors.ts'
export * from './permissions.ts'
export * from './words.ts'

/** Every endpoint of the platform, module by module in their order. */
export const ALL_ENDPOINTS: readonly Endpoint[] = [
  ...identityEndpoints,
  ...evidenceEndpoints,
  ...standardsEndpoints,
  ...dataStandardEndpoints,
  ...nodesEndpoints,
  ...catalogueEndpoints,
  ...searchEndpoints,
  ...curationEndpoints,
  ...governanceEndpoints,
  ...runComparisonEndpoints,
  ...recipeEndpoints,
  ...ruleDesignEndpoints,
  ...exchangeEndpoints,
  ...gatewayEndpoints,
  ...centreEndpoints,
  ...fusionEndpoints,
  ...workbenchEndpoints,
  ...lineageEndpoints,
  ...operationsEndpoints,
  ...portalEndpoints,
] as readonly Endpoint[]
