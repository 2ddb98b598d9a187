import { playScenarios, TODAY } from './stage.ts'

const everyThirdDay = [2, 5, 8, 11, 14]
const everyDay = [...Array(TODAY).keys()]

const foreign = {
  source_ip: '203.0.113.7',
  net: '203.0.113.0/24',
  asn: 64500,
  country: 'US',
  network_type: 'hosting',
  latitude: 40.7,
  longitude: -74,
}

function elsewhere(i: number) {
  return { source_ip: `192.0.${i}.1`, net: `192.0.${i}.0/24`, asn: 65000 + i }
}

playScenarios('how much, when and from where', [
  {
    misuse: 'rate spike',
    benign: 'a batch that runs every third day',
    signal: 'rate',
    attack: ({ add }) => add(0, TODAY, 11, 300, () => ({})),
    twin({ add }) {
      for (const day of [...everyThirdDay, TODAY]) add(0, day, 11, 300, () => ({}))
    },
  },
  {
    misuse: 'off-hours use',
    benign: 'a night shift now and then',
    signal: 'off_hours',
    hour: 3,
    attack: ({ add }) => add(0, TODAY, 3, 8, () => ({})),
    twin({ add }) {
      for (const day of [1, 3, 7, 9, 13, 15, TODAY]) add(0, day, 3, 8, () => ({}))
    },
  },
  {
    misuse: 'new network and place',
    benign: 'the whole office moving',
    signal: 'new_place',
    // New York within minutes of Amsterdam.
    named: ['new_place', 'two_places'],
    attack: ({ add }) => add(0, TODAY, 11, 8, () => foreign),
    twin({ add, everyone }) {
      for (const token of everyone) add(token, TODAY, token === 0 ? 11 : 9, 8, () => foreign)
    },
  },
  {
    misuse: 'two places at once',
    benign: 'a split-tunnel VPN that does so every day',
    signal: 'two_places',
    attack: ({ add }) => add(0, TODAY, 11, 20, i => (i % 2 === 0 ? {} : foreign)),
    twin({ add }) {
      for (const day of [...everyDay, TODAY]) add(0, day, 11, 20, i => (i % 2 === 0 ? {} : foreign))
    },
  },
  {
    misuse: 'new client',
    benign: 'an upgrade that everyone gets',
    signal: 'new_client',
    attack: ({ add }) => add(0, TODAY, 11, 8, () => ({ client: 'curl', user_agent: 'curl/8' })),
    twin({ add, everyone }) {
      for (const token of everyone)
        add(token, TODAY, token === 0 ? 11 : 9, 8, () => ({ client: 'sdk', user_agent: 'sdk/2' }))
    },
  },
  {
    misuse: 'many tokens tried from one address',
    benign: 'an office behind one address',
    signal: 'shared_address',
    // The owner is at work meanwhile.
    named: ['shared_address', 'two_places'],
    attack({ add, everyone }) {
      for (const token of everyone) add(token, TODAY, 11, 4, () => foreign)
    },
    twin({ alwaysWith, everyone }) {
      for (const token of everyone) alwaysWith(token, { source_ip: '198.51.100.9', net: '198.51.100.0/24' })
    },
  },
  {
    misuse: 'one token from many networks',
    benign: 'a phone that roams every day',
    signal: 'many_networks',
    attack: ({ add }) => add(0, TODAY, 11, 25, elsewhere),
    twin({ add }) {
      for (const day of [...everyDay, TODAY]) add(0, day, 11, 25, elsewhere)
    },
  },
])
