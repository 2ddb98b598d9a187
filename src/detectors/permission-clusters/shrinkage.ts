/**
 * Pseudo-counts of the shrinkage: how many tokens (days, for the token's own history) the level above weighs; a level with
 * that much evidence of its own counts half. Peers, own days and idle weight were chosen on role_mining_hp with permissions
 * held out and planted violations: the nearest peers as prior gave an AP of 0.4-0.8 where the cluster alone gave 0.2-0.4.
 */
export const GROUP_PSEUDO_TOKENS = 5
export const CLUSTER_PSEUDO_TOKENS = 5
export const PEERS_PSEUDO_TOKENS = 3
export const OWN_PSEUDO_DAYS = 1
/** Jeffreys' prior of a share: half a token that uses the item and half a one that does not. */
export const EVERYONE_PSEUDO_TOKENS = 0.5
/** How much a day without the item counts against it, relative to a day with it: a permission is not used every day. */
export const IDLE_DAY_WEIGHT = 0.03
