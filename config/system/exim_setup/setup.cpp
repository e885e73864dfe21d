#include "config/system/exim_setup/setup.hpp"

#include <filesystem>

#include "config/system/exim_setup/cpanel_setup.hpp"
#include "config/system/exim_setup/debian_setup.hpp"

namespace ie::exim {

server_layout detected_layout(const std::string& root) {
    std::error_code code;
    const bool is_cpanel = std::filesystem::exists(root + "/usr/local/cpanel/cpanel", code);
    return is_cpanel ? server_layout::cpanel : server_layout::debian;
}

outcome<setup_report> enable(const configuration& settings, const setup_options& options) {
    if (options.layout == server_layout::cpanel) return enable_cpanel(settings, options);
    return enable_debian(settings, options);
}

outcome<setup_report> disable(const configuration& settings, const setup_options& options) {
    if (options.layout == server_layout::cpanel) return disable_cpanel(settings, options);
    return disable_debian(settings, options);
}

outcome<filter_finding> find_filter(const configuration& settings, const setup_options& options) {
    if (options.layout == server_layout::cpanel) return find_in_cpanel(settings, options);
    return find_in_debian(settings, options);
}

}  // namespace ie::exim
