#include "command.hpp"

std::unique_ptr<Client> make_admin() { throw Fault("UNSUPPORTED", "admin"); }
