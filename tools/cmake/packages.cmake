# What is installed where, and the packages that CPack makes of it: one a component, .deb and .rpm with the same files.
# tools/package runs it.
include(GNUInstallDirs)
set(share ${CMAKE_INSTALL_DATADIR}/imunifyemail)
set(programs lib/imunifyemail)
set(made ${CMAKE_BINARY_DIR}/packages.d)
set(packages ${CMAKE_SOURCE_DIR}/config/system/packages)
find_program(IE_GZIP gzip REQUIRED)

# compressed(FILE NAME): FILE as NAME.gz in the build folder, without its time.
set(compressed_files)
function(compressed file name)
  add_custom_command(OUTPUT ${made}/${name}.gz DEPENDS ${file}
    COMMAND ${IE_GZIP} -9nc ${file} > ${made}/${name}.gz VERBATIM)
  list(APPEND compressed_files ${made}/${name}.gz)
  set(compressed_files ${compressed_files} PARENT_SCOPE)
endfunction()

file(MAKE_DIRECTORY ${made})
compressed(${packages}/changelog changelog)
foreach(page ie-cli.1 ie-config.1 ie-engine.8 ie-exim-hook.8 ie-release.8)
  compressed(${CMAKE_SOURCE_DIR}/cli/man/${page} ${page})
endforeach()

set(completions)
foreach(program ie-cli ie-config)
  foreach(shell bash zsh fish)
    add_custom_command(OUTPUT ${made}/${program}.${shell} DEPENDS ${program}
      COMMAND ${program} completion ${shell} > ${made}/${program}.${shell} VERBATIM)
    list(APPEND completions ${made}/${program}.${shell})
  endforeach()
  install(FILES ${made}/${program}.bash RENAME ${program}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT cli)
  install(FILES ${made}/${program}.zsh RENAME _${program}
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT cli)
  install(FILES ${made}/${program}.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT cli)
endforeach()
add_custom_target(package_files DEPENDS ${compressed_files} ${completions})

install(TARGETS ie-cli ie-config DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT cli)
install(FILES ${made}/ie-cli.1.gz ${made}/ie-config.1.gz
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT cli)

install(TARGETS ie-engine ie-exim-hook ie-release
  DESTINATION ${CMAKE_INSTALL_SBINDIR} COMPONENT quarantine)
install(FILES ${made}/ie-engine.8.gz ${made}/ie-exim-hook.8.gz ${made}/ie-release.8.gz
  DESTINATION ${CMAKE_INSTALL_MANDIR}/man8 COMPONENT quarantine)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/config/system/exim DESTINATION ${share} COMPONENT quarantine)
install(FILES ${CMAKE_SOURCE_DIR}/config/imunifyemail.toml
  DESTINATION /etc/imunifyemail COMPONENT quarantine)
install(FILES ${packages}/logrotate RENAME imunify-email-quarantine
  DESTINATION /etc/logrotate.d COMPONENT quarantine)
set(systemd ${CMAKE_SOURCE_DIR}/config/system/systemd)
install(FILES ${systemd}/ie-engine.service ${systemd}/ie-exim-hook.service
  ${systemd}/ie-release.socket ${systemd}/ie-release@.service
  ${systemd}/ie-license.service ${systemd}/ie-license.timer
  DESTINATION lib/systemd/system COMPONENT quarantine)
install(FILES ${systemd}/imunifyemail.sysusers RENAME imunifyemail.conf
  DESTINATION lib/sysusers.d COMPONENT quarantine)
install(FILES ${systemd}/imunifyemail.tmpfiles RENAME imunifyemail.conf
  DESTINATION lib/tmpfiles.d COMPONENT quarantine)
install(TARGETS ie-make-folder DESTINATION ${programs} COMPONENT quarantine)
install(PROGRAMS ${packages}/prepare-system DESTINATION ${programs} COMPONENT quarantine)

install(DIRECTORY ${CMAKE_SOURCE_DIR}/config/system/rspamd/local.d
  DESTINATION ${share}/rspamd COMPONENT rspamd)
install(PROGRAMS ${packages}/rspamd-config DESTINATION ${programs} COMPONENT rspamd)

install(FILES ${packages}/dec-node.README RENAME README
  DESTINATION ${share}/dec-node COMPONENT dec_node)

set(CPACK_PACKAGE_VENDOR "Imunify Email")
set(CPACK_PACKAGE_CONTACT "Imunify Email <imunify-email@users.noreply.example>")
set(CPACK_PACKAGE_DIRECTORY ${CMAKE_SOURCE_DIR}/build/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR DEB RPM)
set(CPACK_COMPONENTS_ALL meta quarantine cli dec_node rspamd)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/package_layout.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_AUTOREQPROV " yes")
set(CPACK_RPM_META_PACKAGE_PROVIDES imunifyemail)  # what yum autoremove is told (seed, Uninstallation)
set(CPACK_RPM_CHANGELOG_FILE ${made}/changelog.rpm)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none
%define packager ${CPACK_PACKAGE_CONTACT}
%define _buildhost localhost
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
  /var /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d /usr/lib/tmpfiles.d
  /etc/logrotate.d /usr/share/bash-completion /usr/share/bash-completion/completions
  /usr/share/zsh /usr/share/zsh/site-functions /usr/share/fish
  /usr/share/fish/vendor_completions.d /usr/share/man /usr/share/man/man1 /usr/share/man/man8
  /usr/share/doc /usr/sbin /usr/bin)

# The changelog once more, as rpm wants it: "* DATE WHO - VERSION-RELEASE", "- text".
file(READ ${packages}/changelog text)
string(REGEX MATCH "-- ([^>]*>)  ([A-Z][a-z][a-z]), ([0-9]+) ([A-Z][a-z][a-z]) ([0-9]+)" signed "${text}")
set(who "${CMAKE_MATCH_1}")
set(day "${CMAKE_MATCH_2} ${CMAKE_MATCH_4} ${CMAKE_MATCH_3} ${CMAKE_MATCH_5}")
string(REGEX MATCH "\\(([^)]*)\\)" found "${text}")
if(NOT CMAKE_MATCH_1 STREQUAL PROJECT_VERSION)
  message(FATAL_ERROR "config/system/packages/changelog begins with ${CMAKE_MATCH_1}, not ${PROJECT_VERSION}")
endif()
string(REGEX MATCH "  \\* (.*)\n\n --" found "${text}")
file(WRITE ${made}/changelog.rpm "* ${day} ${who} - ${PROJECT_VERSION}-1\n- ${CMAKE_MATCH_1}\n")

# ie_package(COMPONENT NAME SUMMARY TEXT [ALL] DEB relation… RPM relation… CONTROL file… CONFIG path…): a component's
# package. ALL: it is the same for every machine. CONTROL: Debian's scripts. CONFIG: what the administrator may change.
macro(ie_package component name summary text)
  cmake_parse_arguments(arg "ALL" "" "DEB;RPM;CONTROL;CONFIG" ${ARGN})
  string(TOUPPER ${component} upper)
  install(FILES ${packages}/copyright ${made}/changelog.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
  string(REPLACE ";" ", " CPACK_DEBIAN_${upper}_PACKAGE_DEPENDS "${arg_DEB}")
  string(REPLACE ";" ", " CPACK_RPM_${upper}_PACKAGE_REQUIRES "${arg_RPM}")
  set(CPACK_COMPONENT_${upper}_DESCRIPTION "${summary}\n${text}")
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION mail)
  set(CPACK_DEBIAN_${upper}_PACKAGE_PRIORITY optional)
  set(CPACK_RPM_${upper}_PACKAGE_NAME ${name})
  set(CPACK_RPM_${upper}_PACKAGE_GROUP System/Daemons)
  string(SUBSTRING "${summary}" 0 1 first)
  string(TOUPPER ${first} first)
  string(REGEX REPLACE "^." "${first}" CPACK_RPM_${upper}_PACKAGE_SUMMARY "${summary}")
  set(CPACK_RPM_${upper}_PACKAGE_DESCRIPTION "${text}")
  if(arg_ALL)
    set(CPACK_DEBIAN_${upper}_PACKAGE_ARCHITECTURE all)
    set(CPACK_RPM_${upper}_PACKAGE_ARCHITECTURE noarch)
  else()
    set(CPACK_DEBIAN_${upper}_PACKAGE_SHLIBDEPS ON)
  endif()
  list(TRANSFORM arg_CONFIG PREPEND "%config(noreplace) " OUTPUT_VARIABLE CPACK_RPM_${upper}_USER_FILELIST)
  set(control ${arg_CONTROL})
  if(arg_CONFIG)
    list(JOIN arg_CONFIG "\n" conffiles)
    file(WRITE ${made}/${component}/conffiles "${conffiles}\n")
    list(APPEND control ${made}/${component}/conffiles)
  endif()
  set(CPACK_DEBIAN_${upper}_PACKAGE_CONTROL_EXTRA ${control})
  foreach(script POST_INSTALL:post PRE_UNINSTALL:preun POST_UNINSTALL:postun)
    string(REPLACE ":" ";" script ${script})
    list(GET script 1 suffix)
    list(GET script 0 script)
    if(EXISTS ${packages}/rpm/${component}.${suffix})
      set(CPACK_RPM_${upper}_${script}_SCRIPT_FILE ${packages}/rpm/${component}.${suffix})
    endif()
  endforeach()
endmacro()

set(same "(= ${PROJECT_VERSION})")
set(deb ${packages}/deb)

ie_package(meta imunify-email "mail filter for hosting servers" [[
Imunify Email filters the mail of a hosting server that runs Exim: outgoing
spam, dangerous attachments and what exceeds an account's limits is held in a
quarantine, where an administrator or the account's owner looks at it and
releases or removes it.

This metapackage installs all of it.]] ALL
  DEB "imunify-email-quarantine ${same}" "imunify-email-cli ${same}"
      "imunify-email-dec-node ${same}" "imunify-email-rspamd ${same}"
  RPM "imunify-email-quarantine = ${PROJECT_VERSION}" "imunify-email-cli = ${PROJECT_VERSION}"
      "imunify-email-dec-node = ${PROJECT_VERSION}" "imunify-email-rspamd = ${PROJECT_VERSION}")

ie_package(quarantine imunify-email-quarantine "engine and Exim hook of Imunify Email" [[
The engine judges the mail of a hosting server with Rspamd's help, keeps what
is held and gives back to Exim what is released. The hook stands between Exim
and the engine.

Exim isn't changed by the installation: 'ie-config enable' puts the filter into
it, and the removal of this package takes it out first.]]
  DEB "imunify-email-cli ${same}" "exim4-daemon-light | exim4-daemon-heavy" "debconf (>= 0.5) | debconf-2.0" logrotate
      "init-system-helpers (>= 1.54)"
  RPM "imunify-email-cli = ${PROJECT_VERSION}" exim systemd logrotate shadow-utils
  CONTROL ${deb}/quarantine/postinst ${deb}/quarantine/prerm ${deb}/quarantine/postrm
          ${deb}/quarantine/config ${deb}/quarantine/templates
  CONFIG /etc/imunifyemail/imunifyemail.toml /etc/logrotate.d/imunify-email-quarantine)

ie_package(cli imunify-email-cli "command line of Imunify Email" [[
ie-cli looks into the quarantine, releases and removes mail, and sets limits
and whitelists. ie-config puts the filter into Exim and takes it out, and says
what runs.]])

ie_package(dec_node imunify-email-dec-node "statistical component of Imunify Email" [[
The place of the model by which the engine's statistical component judges. This
version has none yet.]] ALL
  DEB "imunify-email-quarantine ${same}"
  RPM "imunify-email-quarantine = ${PROJECT_VERSION}")

ie_package(rspamd imunify-email-rspamd "what Rspamd is told for Imunify Email" [[
Rspamd's settings for mail that leaves a hosting server. They are put into
/etc/rspamd/local.d beside the administrator's; what is there already, or is
changed later, stays as it is.]] ALL
  DEB "rspamd (>= 3.4)" "init-system-helpers (>= 1.54)"
  RPM rspamd
  CONTROL ${deb}/rspamd/postinst ${deb}/rspamd/prerm ${deb}/rspamd/postrm)

include(CPack)
