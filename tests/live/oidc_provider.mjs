// npm oidc-provider as a clinic would run it: one confidential client, PKCE, RP-initiated and back-channel logout.
// Usage: node oidc_provider.mjs '{"redirect_uri": …, "post_logout_redirect_uri": …, "backchannel_logout_uri": …, "client_secret": …}'
// Says "ready ISSUER" once it listens on a free port of 127.0.0.1; ends when its standard input closes.
import { createServer } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import { Provider } from 'oidc-provider'

const asked = JSON.parse(process.argv[2])
const GROUPS = { mara: ['therapists'], wren: [] }
const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })

/** Only our own client asks here, so nobody is asked for consent. */
async function loadExistingGrant(ctx) {
  const { provider, client, session } = ctx.oidc
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope('openid email groups')
  await grant.save()
  return grant
}

const configuration = {
  clients: [{
    client_id: 'telehealth',
    client_secret: asked.client_secret,
    redirect_uris: [asked.redirect_uri],
    post_logout_redirect_uris: [asked.post_logout_redirect_uri],
    backchannel_logout_uri: asked.backchannel_logout_uri,
    backchannel_logout_session_required: true,
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  jwks: { keys: [{ ...jwk, kid: 'only', use: 'sig', alg: 'RS256' }] },
  cookies: { keys: ['a key for cookies'] },
  claims: { openid: ['sub', 'amr', 'acr'], email: ['email', 'email_verified'], groups: ['groups'] },
  scopes: ['openid', 'email', 'groups'],
  acrValues: ['two'],
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => { ctx.body = form } },
  },
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@mail.example`, email_verified: true, groups: GROUPS[id] ?? [] }),
  }),
  loadExistingGrant,
  // It refuses to call addresses of this computer, where our service listens in tests.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
}

const server = createServer()
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, configuration)
  const rest = provider.callback()
  server.on('request', async (request, response) => {
    const url = new URL(request.url, issuer)
    if (!url.pathname.startsWith('/interaction/')) return rest(request, response)
    // The page where somebody would type a password: the test says who it is and how they proved it.
    const amr = (url.searchParams.get('amr') ?? 'pwd').split(' ')
    const login = { accountId: url.searchParams.get('who'), amr, ...(amr.length > 1 ? { acr: 'two' } : {}) }
    await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false })
  })
  process.stdout.write(`ready ${issuer}\n`)
})

process.stdin.on('end', () => process.exit(0)).resume()
