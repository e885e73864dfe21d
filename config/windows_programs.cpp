#include "config/windows_programs.hpp"

namespace ie {

std::vector<std::string> windows_programs() {
    return {// programs and parts of them
            "exe", "com", "scr", "pif", "cpl", "dll", "ocx", "sys", "drv", "vxd", "ex_", "xll",
            "wll", "bgi", "gadget", "msc",
            // installers
            "msi", "msp", "mst", "msu", "msix", "msixbundle", "appx", "appxbundle", "appinstaller",
            "application", "appref-ms", "diagcab", "diagcfg", "diagpkg", "ins", "isp", "inf",
            // scripts
            "bat", "cmd", "btm", "vb", "vbe", "vbs", "vbscript", "js", "jse", "mjs", "ws", "wsc",
            "wsf", "wsh", "sct", "hta", "ps1", "ps1xml", "ps2", "ps2xml", "psc1", "psc2", "psd1",
            "psdm1", "psm1", "msh", "msh1", "msh2", "mshxml", "msh1xml", "msh2xml",
            // of Java
            "jar", "jnlp",
            // shortcuts, and what changes the system
            "lnk", "url", "website", "scf", "reg", "library-ms", "search-ms", "searchconnector-ms",
            "settingcontent-ms", "theme", "themepack", "desktopthemepack", "job", "xbap", "xnk",
            // help and scraps that hold programs, disks that are mounted when opened
            "chm", "hlp", "its", "shb", "shs", "vhd", "vhdx",
            // OneNote runs what lies on a page; remote desktops map local disks; Python without a
            // window; links to data that name a provider or program; sandboxes with commands; web
            // queries; symbolic links of Excel 4 macros; compiled Access databases
            "one", "rdp", "pyw", "udl", "wsb", "iqy", "slk", "mde", "accde"};
}

}  // namespace ie
