//! What every handler may reach.
