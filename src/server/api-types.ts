// Made from the routes by `npm run docs:openapi`; not to be edited.

/** Every route: for `createClient<paths>()` of openapi-fetch. */
export interface paths {
  '/v1/health': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Health'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/ready': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Ready'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/metrics': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: { headers: { [name: string]: unknown }; content: { 'text/plain': string } }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/session': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Session'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': { key: string } } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Session'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Session'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    patch?: never
  }
  '/v1/changes': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Changes'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/score/vectors': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: {
        query?: { model?: string; explain?: boolean }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/json': components['schemas']['VectorRequest']
          'application/vnd.apache.arrow.stream': Blob
          'application/vnd.apache.arrow.file': Blob
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['VectorAnswer'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/score/events': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: {
        query?: {
          model?: string
          source?:
            | 'auto'
            | 'generic'
            | 'cloudtrail'
            | 'nginx'
            | 'combined'
            | 'w3c'
            | 'aws-api-gateway'
            | 'github-audit'
            | 'ocsf'
            | 'alb'
            | 'auth0'
            | 'azure-graph'
            | 'caddy'
            | 'cloudflare'
            | 'cloudtrail-athena'
            | 'cloudtrail-console'
            | 'elb'
            | 'entra-signin'
            | 'envoy'
            | 'gcp-audit'
            | 'gitlab-api'
            | 'haproxy'
            | 'ingress-nginx'
            | 'kong'
            | 'kubernetes-audit'
            | 'office365'
            | 'okta'
            | 's3'
            | 'traefik'
            | 'traefik-json'
            | 'tyk'
            | 'vault'
          tokens?: 'secret' | 'identifier'
        }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/x-ndjson': string
          'application/json': { [name: string]: unknown }[]
          'text/csv': string
          'application/vnd.apache.arrow.stream': Blob
          'application/vnd.apache.arrow.file': Blob
          'application/vnd.apache.parquet': Blob
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['EventAnswer'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/events': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: {
        query?: {
          source?:
            | 'auto'
            | 'generic'
            | 'cloudtrail'
            | 'nginx'
            | 'combined'
            | 'w3c'
            | 'aws-api-gateway'
            | 'github-audit'
            | 'ocsf'
            | 'alb'
            | 'auth0'
            | 'azure-graph'
            | 'caddy'
            | 'cloudflare'
            | 'cloudtrail-athena'
            | 'cloudtrail-console'
            | 'elb'
            | 'entra-signin'
            | 'envoy'
            | 'gcp-audit'
            | 'gitlab-api'
            | 'haproxy'
            | 'ingress-nginx'
            | 'kong'
            | 'kubernetes-audit'
            | 'office365'
            | 'okta'
            | 's3'
            | 'traefik'
            | 'traefik-json'
            | 'tyk'
            | 'vault'
          tokens?: 'secret' | 'identifier'
        }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody: {
        content: {
          'application/x-ndjson': string
          'application/json': { [name: string]: unknown }[]
          'text/csv': string
          'application/vnd.apache.arrow.stream': Blob
          'application/vnd.apache.arrow.file': Blob
          'application/vnd.apache.parquet': Blob
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Ingested'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/tokens': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          from?: string
          to?: string
          tenantId?: string
          principalId?: string
          sort?: 'risk' | 'entityRisk'
        }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { items: components['schemas']['Token'][]; next: string | null } }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/tokens/{tokenId}/history': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { limit?: number; cursor?: string; from?: string; to?: string; tenantId?: string }
        path: { tokenId: string }
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { items: components['schemas']['Hour'][]; next: string | null } }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/tokens/{tokenId}/explanation': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query: { hour: string; tenantId?: string }
        path: { tokenId: string }
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Explanation'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/explore': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': components['schemas']['ExploreBrushes'] } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['ExploreAnswer'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/tokens/{tokenId}/activity': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { tenantId?: string; from?: string; to?: string }
        path: { tokenId: string }
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['TokenActivity'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/tokens/{tokenId}/profile': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { tenantId?: string; from?: string; to?: string }
        path: { tokenId: string }
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['TokenProfile'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/tokens/{tokenId}/lineage': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: { tenantId?: string }; path: { tokenId: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['TokenLineage'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/alerts': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          from?: string
          to?: string
          severity?: components['schemas']['Severity'] & unknown
          status?: 'open' | 'new' | 'acknowledged' | 'closed' | 'judged' | 'folded' | 'suppressed' | 'all'
          tenantId?: string
          tokenId?: string
          principalId?: string
          incidentId?: string
        }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { items: components['schemas']['Alert'][]; next: string | null } }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/alerts/{alertId}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path: { alertId: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Alert'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch: {
      parameters: { query?: never; path: { alertId: string }; header?: never; cookie?: never }
      requestBody: {
        content: {
          'application/json': {
            status?: 'new' | 'acknowledged' | 'closed'
            assignee?: string | null
            note?: string
            verdict?: components['schemas']['Verdict'] & unknown
          }
        }
      }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Alert'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
  }
  '/v1/alerts/{alertId}/events': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { limit?: number; cursor?: string }
        path: { alertId: string }
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { items: components['schemas']['Event'][]; next: string | null } }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/alerts/{alertId}/verdict': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path: { alertId: string }; header?: never; cookie?: never }
      requestBody: {
        content: { 'application/json': { verdict: components['schemas']['Verdict']; note?: string | null } }
      }
      responses: {
        201: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['VerdictRecord'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete: {
      parameters: { query?: never; path: { alertId: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Alert'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    patch?: never
  }
  '/v1/queue': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['QueueFigures'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/verdicts': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { limit?: number; cursor?: string; alertId?: string; tokenId?: string; history?: boolean }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: {
            'application/json': { items: components['schemas']['VerdictRecord'][]; next: string | null }
          }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/suppressions': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { limit?: number; cursor?: string }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: {
            'application/json': { items: components['schemas']['Suppression'][]; next: string | null }
          }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': components['schemas']['NewSuppression'] } }
      responses: {
        201: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Suppression'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/suppressions/{suppressionId}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post?: never
    delete: {
      parameters: { query?: never; path: { suppressionId: number }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    patch?: never
  }
  '/v1/incidents': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { limit?: number; cursor?: string; from?: string; to?: string; status?: 'open' | 'all' }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { items: components['schemas']['Incident'][]; next: string | null } }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/models': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: { limit?: number; cursor?: string }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: {
            'application/json': { items: components['schemas']['ModelListing'][]; next: string | null }
          }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/models/{model}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path: { model: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Manifest'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/models/{model}/drift': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path: { model: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: {
            'application/json': { found: components['schemas']['ModelDrift'] | null; missing: string | null }
          }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/models/{model}/evaluation': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path: { model: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: {
            'application/json': {
              found: components['schemas']['ModelEvaluation'] | null
              missing: string | null
            }
          }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/models/{model}/promotions': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path: { model: string }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { items: components['schemas']['Promotion'][] } }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/performance': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: { from?: string; to?: string }; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Performance'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/replays': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': components['schemas']['NewReplay'] } }
      responses: {
        202: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['JobSummary'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/comparisons': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': components['schemas']['NewComparison'] } }
      responses: {
        202: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['JobSummary'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/models/{model}/promotion': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path: { model: string }; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': components['schemas']['NewPromotion'] } }
      responses: {
        202: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['JobSummary'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/jobs': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { items: components['schemas']['JobSummary'][] } }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/jobs/{jobId}': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path: { jobId: number }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Job'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete: {
      parameters: { query?: never; path: { jobId: number }; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        204: { headers: { [name: string]: unknown }; content?: never }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    patch?: never
  }
  '/v1/replays/{jobId}/application': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get?: never
    put?: never
    post: {
      parameters: { query?: never; path: { jobId: number }; header?: never; cookie?: never }
      requestBody: { content: { 'application/json': components['schemas']['NewApplication'] } }
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['Job'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        404: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        409: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        413: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        415: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    delete?: never
    patch?: never
  }
  '/v1/runs': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: {
        query?: {
          limit?: number
          cursor?: string
          command?: 'ingest' | 'train' | 'score' | 'watch'
          status?: 'running' | 'done' | 'failed' | 'killed'
        }
        path?: never
        header?: never
        cookie?: never
      }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': { items: components['schemas']['Run'][]; next: string | null } }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        422: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
  '/v1/runs/state': {
    parameters: { query?: never; header?: never; path?: never; cookie?: never }
    get: {
      parameters: { query?: never; path?: never; header?: never; cookie?: never }
      requestBody?: never
      responses: {
        200: {
          headers: { [name: string]: unknown }
          content: { 'application/json': components['schemas']['RunState'] }
        }
        400: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        401: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        403: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        429: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        500: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        503: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
        504: {
          headers: { [name: string]: unknown }
          content: { 'application/problem+json': components['schemas']['Problem'] }
        }
      }
    }
    put?: never
    post?: never
    delete?: never
    patch?: never
  }
}

/** The records that routes share. */
export interface components {
  schemas: {
    VectorRequest: {
      vectors: {
        features: { [name: string]: number | null }
        role?: string | null
        use?: { [name: string]: number }
      }[]
      explain?: boolean
    }
    Health: { status: 'ok'; version: string }
    Ready: { status: 'ready' }
    Problem: {
      type: string
      title: string
      status: number
      detail: string
      code: string
      requestId: string
      errors?: { in: string; path: string; problem: string }[]
    }
    Session: { who: components['schemas']['Who']; isKeyNeeded: boolean; until: string | null }
    Who: { name: string; role: 'viewer' | 'analyst' | 'scorer' | 'admin'; tenantId: string | null } | null
    Changes: { alerts: string; scores: string; models: string; desk: string; runs: string }
    VectorAnswer: {
      model: string
      contentId: string
      missing: string[]
      results: components['schemas']['VectorResult'][]
    }
    VectorResult: {
      score: number
      alertsPerDay: number
      risk: number
      severity: components['schemas']['Severity']
      detectors: components['schemas']['Detectors']
      reasons?: components['schemas']['Reason'][]
    }
    Severity: 'info' | 'low' | 'medium' | 'high' | 'critical'
    Detectors: { [name: string]: number }
    Reason: {
      code: string
      feature: string
      actual: number | string | null
      typical: number | string | null
      unit?: string | null
      frame: 'self' | 'peer' | 'tenant'
      contribution: number
      text: string
      frames?: { frame: 'self' | 'peer' | 'tenant'; typical: number | string; highest: number | null }[]
      detector: string
      surprise?: number
      facts?: {
        code: string
        feature: string
        actual: number | string | null
        typical: number | string | null
        unit?: string | null
        frame: 'self' | 'peer' | 'tenant'
        contribution: number
        text: string
        frames?: { frame: 'self' | 'peer' | 'tenant'; typical: number | string; highest: number | null }[]
      }[]
      events?: string[]
    }
    EventAnswer: {
      model: string
      read: number
      rejected: number
      rejectsByReason: { [name: string]: number }
      hours: {
        tenantId: string
        principalId: string
        tokenId: string
        windowStart: string
        events: number
        score: number
        risk: number
        severity: components['schemas']['Severity']
        maturity: number
        filterProbability: number | null
        detectors: components['schemas']['Detectors']
        reasons: components['schemas']['Reason'][]
      }[]
    }
    Ingested: {
      read: number
      added: number
      duplicates: number
      rejected: number
      rejectsByReason: { [name: string]: number }
      late: number
      firstTime: string | null
      lastTime: string | null
      tokens: number
      findings: {
        check:
          | 'token-per-row'
          | 'one-token'
          | 'midnight'
          | 'one-moment'
          | 'future'
          | 'one-address'
          | 'private-address'
          | 'no-address'
          | 'one-operation'
          | 'latency-unit'
          | 'unreadable'
          | 'token-kind'
        rows: number
        of: number
        text: string
      }[]
    }
    Token: {
      tenantId: string
      tokenId: string
      principalId: string
      risk: number
      score: number
      severity: components['schemas']['Severity'] & unknown
      riskiestHour: string
      lastHour: string
      hours: number
      entityRisk: number
      openAlerts: number
    }
    Hour: {
      tenantId: string
      tokenId: string
      principalId: string
      windowStart: string
      windowEnd: string
      score: number
      risk: number
      severity: components['schemas']['Severity']
      maturity: number | null
      filterProbability: number | null
      model: string
      reasons: components['schemas']['Reason'][]
    }
    Explanation: {
      tenantId: string
      principalId: string
      tokenId: string
      windowStart: string
      model: string
      contentId: string
      score: number
      risk: number
      severity: components['schemas']['Severity']
      maturity: number
      filterProbability: number | null
      detectors: components['schemas']['Detectors']
      reasons: components['schemas']['Reason'][]
      recomputed: { score: number; risk: number; isExact: boolean; changed: string | null }
    }
    ExploreAnswer: {
      windows: number
      matching: number
      daysLeftOut: number
      ranges: {
        time: components['schemas']['ExploreRange']
        hour: components['schemas']['ExploreRange']
        risk: components['schemas']['ExploreRange']
        score: components['schemas']['ExploreRange']
      }
      values: {
        severity: components['schemas']['ExploreValues']
        detector: components['schemas']['ExploreValues']
        tenant: components['schemas']['ExploreValues']
        tokenKind: components['schemas']['ExploreValues']
        networkType: components['schemas']['ExploreValues']
        country: components['schemas']['ExploreValues']
        asn: components['schemas']['ExploreValues']
        operation: components['schemas']['ExploreValues']
      }
      rows: {
        tenantId: string
        principalId: string
        tokenId: string
        windowStart: string
        risk: number
        score: number
        severity: components['schemas']['Severity'] & (string | null)
        detector: string | null
      }[]
    }
    ExploreRange: { from: number; width: number; bins: { windows: number; risky: number }[] }
    ExploreValues: { values: { value: string | null; windows: number; risky: number }[]; more: number }
    ExploreBrushes: {
      ranges?: {
        time?: { from?: string | null; to?: string | null }
        hour?: { from?: number | null; to?: number | null }
        risk?: { from?: number | null; to?: number | null }
        score?: { from?: number | null; to?: number | null }
      }
      values?: {
        severity?: (string | null)[]
        detector?: (string | null)[]
        tenant?: (string | null)[]
        tokenKind?: (string | null)[]
        networkType?: (string | null)[]
        country?: (string | null)[]
        asn?: (string | null)[]
        operation?: (string | null)[]
      }
      mostValues?: number
      mostRows?: number
    }
    TokenActivity: {
      subject: components['schemas']['StorySubject']
      hours: {
        start: string
        requests: number
        denied: number | null
        responseBytes: number | null
        risk: number | null
        score: number | null
        reasons: { code: string; contribution: number }[]
      }[]
      detectors: { name: string; nats: (number | null)[] }[]
      days: {
        day: string
        requests: number
        low: number | null
        median: number | null
        high: number | null
        peerMedian: number | null
        peerHigh: number | null
      }[]
      usualHours: { isWeekend: boolean; hour: number; low: number; median: number; high: number }[]
    }
    StorySubject: {
      tenantId: string
      tokenId: string
      principalId: string
      role: string | null
      kind: string | null
      createdAt: string | null
      from: string
      to: string
      firstHour: string
      lastHour: string
      requests: number
      peers: number
    }
    TokenProfile: {
      subject: components['schemas']['StorySubject']
      origins: {
        facet: 'country' | 'asn' | 'net' | 'client'
        value: string
        name: string | null
        firstSeen: string
        lastSeen: string
        requests: number
        days: { day: string; n: number }[]
        peers: number
      }[]
      operations: {
        operation: string
        requests: number
        firstSeen: string | null
        lastSeen: string | null
        days: number
        peers: number
        clusterShare: number | null
        expected: number | null
      }[]
      clock: { country: string | null; offsetHours: number }
      cluster: { number: number; tokens: number; clusters: number } | null
    }
    TokenLineage: {
      tokens: string[]
      links: {
        tokenId: string
        predecessorId: string
        since: string
        confidence: number | null
        reason: string
        status: 'linked' | 'withdrawn' | 'unlinked'
        owner: string | null
      }[]
    }
    Alert: {
      alertId: string
      incidentId: string | null
      tenantId: string
      principalId: string
      tokenId: string
      firstSeen: string
      lastSeen: string
      windows: number
      severity: components['schemas']['Severity']
      risk: number
      score: number
      maturity: number | null
      filterProbability: number | null
      title: string
      reasons: components['schemas']['Reason'][]
      evidence: string[]
      techniques: string[]
      status: 'new' | 'acknowledged' | 'closed' | 'suppressed'
      assignee: string | null
      note: string | null
      changedBy: string | null
      changedAt: string | null
      reopenedFor: string[]
      follows: {
        alertId: string
        verdict: components['schemas']['Verdict']
        lastSeen: string
        newCauses: string[]
      } | null
      foldedInto: string | null
      folds: number
      shown: 'queue' | 'sampled' | 'explored' | 'suppressed'
      suppressedBecause: string | null
      model: string
      verdict: components['schemas']['VerdictRecord']
    }
    Verdict: 'true_positive' | 'false_positive' | 'benign_trigger' | 'duplicate'
    VerdictRecord: {
      alertId: string
      verdict: components['schemas']['Verdict']
      note: string | null
      who: string
      at: string
      tenantId: string | null
      tokenId: string | null
      reasonCode: string | null
      source: 'analyst' | 'simulated'
      shown: 'queue' | 'sampled' | 'explored' | 'suppressed'
      model: string | null
      seenAt: string | null
      detectors: string | null
      values: string[]
    } | null
    Event: {
      eventId: string
      time: string
      method: string | null
      operation: string | null
      resourceType: string | null
      resourceId: string | null
      requiredScope: string | null
      status: number | null
      sourceIp: string | null
      asn: number | null
      asOrg: string | null
      country: string | null
      client: string | null
      userAgent: string | null
      responseBytes: number | null
    }
    QueueFigures: {
      day: string | null
      budgetPerDay: number | null
      open: number
      days: { day: string; shown: number; open: number }[]
      verdicts: { true_positive: number; false_positive: number; benign_trigger: number; duplicate: number }
      precision: { value: number | null; low: number | null; high: number | null }
      heldBack: number
      heldShare: number | null
      filter: {
        model: string
        state: 'on' | 'off' | 'none'
        heldBack: number
        sampled: number
        truePositives: number
        missedShareBound: number | null
        limit: number | null
        because: string
      } | null
      suppressions: number
    }
    Suppression: {
      suppressionId: number
      tenantId: string | null
      principalId: string | null
      tokenId: string | null
      operation: string | null
      reasonCode: string | null
      because: string
      owner: string
      createdAt: string
      expiresAt: string
      hits: number
    }
    NewSuppression: {
      tenantId?: string | null
      principalId?: string | null
      tokenId?: string | null
      operation?: string | null
      reasonCode?: string | null
      because: string
      days?: number
    }
    Incident: {
      incidentId: string
      title: string
      severity: components['schemas']['Severity']
      risk: number
      firstSeen: string
      lastSeen: string
      alerts: string[]
      open: number
      tenants: string[]
      principals: string[]
      tokens: string[]
    }
    ModelListing: {
      model: string
      contentId: string
      createdAt: string
      from: string
      until: string
      windows: number
      tokens: number
      filter: 'yes' | 'no'
      isUsed: boolean
    }
    Manifest: {
      formatVersion: 1
      name: string
      version: number
      createdAt: string
      featureFingerprint: string
      contentId: string
      seed: number
      training: {
        from: string
        until: string
        days: number
        tokens: number
        windows: number
        fittedWindows: number
        excludedWindows: number
        heldWindows?: number
        [name: string]: unknown
      }
      clusters: { count: number; stability: number | null; [name: string]: unknown }
      filter: {
        trained: boolean
        because?: string
        alerts?: number
        positives?: number
        recall?: number
        precision?: number
        suppressed?: number
        champion?: {
          learner: 'score' | 'alike' | 'net'
          wins: boolean
          unfiltered: number
          filtered: number
          [name: string]: unknown
        }
        [name: string]: unknown
      }
      explanations?: { hours: number; stability: number; [name: string]: unknown }
      checksums: { [name: string]: string }
      [name: string]: unknown
    }
    ModelDrift: {
      model: string
      from: string
      to: string
      days: number
      trainingRows: number
      periodRows: number
      weighted: number
      isBeyond: boolean
      advice: string | null
      columns: {
        name: string
        kind: 'feature' | 'model' | 'score'
        weight: number
        psi: number
        psiByChance: number
        excess: number
        upperExcess: number
        ks: number
        level: 'stable' | 'moderate' | 'strong'
        upperLevel: 'stable' | 'moderate' | 'strong'
        trainingMedian: number | null
        periodMedian: number | null
        trainingMissing: number
        periodMissing: number
        advice: string
      }[]
    }
    ModelEvaluation: {
      file: string
      createdAt: string
      from: string
      to: string
      days: number
      tokenDays: number
      positiveTokenDays: number
      incidents: number
      headline: string
      rankings: {
        name: string
        title: string
        kind: 'keyhound' | 'baseline'
        averagePrecision: components['schemas']['Estimate']
        auroc: components['schemas']['Estimate']
        baseRate: number
        budgets: {
          perDay: number
          alerts: number
          truePositives: number
          precision: components['schemas']['Estimate']
          recall: components['schemas']['Estimate']
          incidentsFound: number
          incidentRecall: components['schemas']['Estimate']
          medianSecondsToDetect: number | null
        }[]
        curve: { precision: number; recall: number; alerts: number }[]
      }[]
      detectors: {
        name: string
        averagePrecision: number | null
        auroc: number | null
        incidentsFound: number
      }[]
      notes: string[]
    }
    Estimate: { value: number | null; low: number | null; high: number | null }
    Promotion: {
      name: string
      version: number
      contentId: string
      replaced: number
      at: string
      who: string
      because: string
      how: 'gate' | 'forced' | 'pinned'
    }
    Performance: {
      weeks: components['schemas']['PerformancePeriod'][]
      whole: components['schemas']['PerformancePeriod']
      filter: components['schemas']['FilterGuard'] | null
    }
    PerformancePeriod: {
      start: string
      days: number
      alerts: number
      alertsPerDay: number | null
      confirmedPerDay: number | null
      verdicts: { true_positive: number; false_positive: number; benign_trigger: number; duplicate: number }
      unjudged: number
      unjudgedShare: number | null
      precision: components['schemas']['Estimate'] & unknown
      suppressed: number
      suppressedVerdicts: {
        true_positive: number
        false_positive: number
        benign_trigger: number
        duplicate: number
      }
      recallAmongRaised: components['schemas']['Estimate'] & unknown
    }
    FilterGuard: {
      state: 'on' | 'off' | 'none'
      model: string
      sampled: number
      truePositives: number
      missedShareBound: number
      heldBack: number
      missedBound: number
      limit: number
      because: string
    }
    JobSummary: {
      jobId: number
      kind: 'replay' | 'compare' | 'promote'
      subject: string
      startedBy: string
      startedAt: string
      endedAt: string | null
      status: 'running' | 'done' | 'failed' | 'cancelled'
      progress: { stage: string; done: number; total: number; note: string | null } | null
      error: string | null
      applied: string[] | null
    }
    NewReplay: { change: components['schemas']['Change']; from?: string | null; to?: string | null }
    Change: {
      budget?: string | number
      scoreThreshold?: number
      riskThreshold?: number
      suppressions?: {
        add?: {
          tenantId?: string
          principalId?: string
          tokenId?: string
          operation?: string
          reasonCode?: string
          because: string
          owner?: string
          days?: number
        }[]
        remove?: number[]
      }
      features?: { leaveOut: string[] }
      entity?: 'token' | 'principal'
      model?: string
      config?: { [name: string]: unknown }
      retrain?: boolean
    }
    NewComparison: { champion: string; challenger: string; from?: string | null; to?: string | null }
    NewPromotion: { because?: string | null; from?: string | null; to?: string | null }
    Job: {
      jobId: number
      kind: 'replay' | 'compare' | 'promote'
      subject: string
      startedBy: string
      startedAt: string
      endedAt: string | null
      status: 'running' | 'done' | 'failed' | 'cancelled'
      progress: { stage: string; done: number; total: number; note: string | null } | null
      error: string | null
      applied: string[] | null
      replay: components['schemas']['Replay'] | null
      comparison: components['schemas']['ModelComparison'] | null
      promotion: components['schemas']['Promotion'] | null
      applicable: { isApplicable: boolean; because: string | null } | null
    }
    Replay: {
      change: components['schemas']['Change']
      from: string
      to: string
      days: number
      minutesPerAlert: number
      before: components['schemas']['ReplaySide']
      after: components['schemas']['ReplaySide']
      kept: number
      gained: components['schemas']['AlertChange'][]
      lost: components['schemas']['AlertChange'][]
      incidents: {
        knownFrom: 'labels' | 'verdicts' | null
        known: number
        gained: { incidentId: string; attackType: string | null; days: string[] }[]
        lost: { incidentId: string; attackType: string | null; days: string[] }[]
      }
      stored: { alerts: number; differing: number }
      notes: string[]
    }
    ReplaySide: {
      models: { model: string; contentId: string }[]
      budgetPerDay: number
      scoreThreshold: number | null
      alerts: number
      alertsPerDay: number
      beforeFilterPerDay: number
      heldBack: number
      analystHours: number
      analystHoursPerDay: number
      judged: number
      truePositives: number
      precision: number | null
      incidentsFound: number
      averagePrecision: number | null
    }
    AlertChange: {
      tenantId: string
      principalId: string
      tokenId: string
      day: string
      title: string
      severity: components['schemas']['Severity']
      riskBefore: number | null
      riskAfter: number | null
      because: string
      incidents: string[]
      verdict: components['schemas']['Verdict'] & (string | null)
    }
    ModelComparison: {
      champion: string
      challenger: string
      replay: components['schemas']['Replay']
      scoreDrift: { champion: number | null; challenger: number | null }
      findings: {
        rule: 'precision' | 'ranking' | 'incidents' | 'alerts' | 'drift'
        verdict: 'passes' | 'fails' | 'unknown'
        text: string
      }[]
      passes: boolean
    }
    NewApplication: { acceptLost?: boolean }
    Run: {
      runId: number
      command: 'ingest' | 'train' | 'score' | 'watch'
      actor: string
      host: string
      pid: number
      startedAt: string
      endedAt: string | null
      status: 'running' | 'done' | 'failed' | 'killed'
      figures: {
        rows?: number
        added?: number
        rejects?: number
        tokenHours?: number
        alerts?: number
        folded?: number
        suppressed?: number
        rescored?: number
        rescoredChanged?: number
        largestChange?: number
        model?: string
        scoredTo?: string
        lagSeconds?: number
        seconds?: { [name: string]: number }
      } | null
      error: string | null
    }
    RunState: {
      scoredTo: string | null
      lagSeconds: number | null
      commands: {
        command: 'ingest' | 'train' | 'score' | 'watch'
        counts: { running: number; done: number; failed: number; killed: number }
        done: components['schemas']['Run'] | null
        failed: components['schemas']['Run'] | null
      }[]
      rejects: { reason: string; rows: number; files: number; batches: number }[]
    }
  }
}
