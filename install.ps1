# Installs lessonspace for your user only. No administrator rights needed.
#
#   powershell -ExecutionPolicy Bypass -File install.ps1
#
# LESSONSPACE_RELEASES     URL of a release: the folder with SHA256SUMS and the archives
#                          [default: the release this script came with]
# LESSONSPACE_INSTALL_DIR  folder to install into [default: %LOCALAPPDATA%\Programs\lessonspace]
#
# Everything is downloaded over https (http only from this computer) and checked against SHA256SUMS before
# anything is installed. An earlier installation is replaced. To check where a release came from, use the
# GitHub CLI and replace FILE with the path of a release file or the installed program:
#
#   gh attestation verify FILE --repo OWNER/REPO
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

# `.ci/release` sets the URL of the release here.
$Default = ''

function Stop-Install([string] $Message, [string] $Hint) {
    [Console]::Error.WriteLine("error: $Message")
    if ($Hint) { [Console]::Error.WriteLine("hint: $Hint") }
    exit 1
}

# https from anywhere, http from this computer only.
function Test-Allowed([Uri] $Url) {
    $Url -and $Url.IsAbsoluteUri -and -not $Url.UserInfo -and
        ($Url.Scheme -eq 'https' -or ($Url.Scheme -eq 'http' -and $Url.IsLoopback))
}

# Saves a file of the release as a new file. Redirects are followed here, because Invoke-WebRequest in
# Windows PowerShell also follows redirects from https to http.
function Get-Release([string] $Name, [string] $File) {
    $Url = [Uri] "$Releases/$Name"
    try {
        foreach ($Hop in 1..6) {
            $Request = [Net.WebRequest]::Create($Url)
            $Request.AllowAutoRedirect = $false
            $Request.UserAgent = 'install.ps1'
            # A proxy would send a request for this computer to another one.
            if ($Url.IsLoopback) { $Request.Proxy = $null }
            $Response = $Request.GetResponse()
            try {
                if ([int] $Response.StatusCode -lt 300) {
                    $Stream = [IO.File]::Open($File, [IO.FileMode]::CreateNew)
                    try { $Response.GetResponseStream().CopyTo($Stream) } finally { $Stream.Dispose() }
                    return
                }
                $Url = New-Object Uri($Url, $Response.Headers['Location'])
                if ($Url.Scheme -ne 'https') { throw 'redirected to a URL without https' }
            } finally {
                $Response.Dispose()
            }
        }
        throw 'too many redirects'
    } catch {
        [Console]::Error.WriteLine($_.Exception.Message)
        Stop-Install "could not download $Releases/$Name" 'check LESSONSPACE_RELEASES and your network, then run this script again'
    }
}

$Releases = $env:LESSONSPACE_RELEASES
if (-not $Releases) { $Releases = $Default }
if (-not $Releases) {
    Stop-Install 'this install.ps1 is not from a release, so it has no download URL' 'to build from this clone, run: cargo install --path .; for a release, set LESSONSPACE_RELEASES to its URL'
}
$Releases = $Releases.TrimEnd('/')
if (-not (Test-Allowed ($Releases -as [Uri]))) {
    Stop-Install 'LESSONSPACE_RELEASES must be an https URL' 'http is only allowed for this computer, such as http://127.0.0.1:8000'
}
$Folder = $env:LESSONSPACE_INSTALL_DIR
if (-not $Folder) { $Folder = Join-Path $env:LOCALAPPDATA 'Programs\lessonspace' }
# .NET has its own current folder.
$Folder = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Folder)
[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

# The name is random, and creating a folder that already exists is an error.
$Work = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
New-Item -ItemType Directory -Path $Work | Out-Null
$Staged = $null
try {
    $Sums = Join-Path $Work 'SHA256SUMS'
    Get-Release 'SHA256SUMS' $Sums
    # A line of SHA256SUMS: checksum, two spaces, file name.
    $Line = Get-Content $Sums | Where-Object { $_ -match '^[0-9a-f]{64}  lessonspace-[0-9A-Za-z.+-]+-x86_64-pc-windows-[a-z]+\.zip$' } | Select-Object -First 1
    if (-not $Line) { Stop-Install 'this release has no binary for Windows' 'use another release' }
    $Sum, $Name = $Line -split '  ', 2
    $Archive = Join-Path $Work $Name
    Get-Release $Name $Archive
    if ((Get-FileHash -Algorithm SHA256 $Archive).Hash.ToLowerInvariant() -ne $Sum) {
        Stop-Install "the checksum of $Name does not match SHA256SUMS; nothing was installed" 'run this script again; if it fails again, please report it'
    }
    Expand-Archive -Path $Archive -DestinationPath $Work
    New-Item -ItemType Directory -Force -Path $Folder | Out-Null
    $Program = Join-Path $Folder 'lessonspace.exe'
    $Staged = Join-Path $Folder ('.lessonspace-' + [IO.Path]::GetRandomFileName())
    try {
        # Replaces the old file with a new one: a link at that path is deleted, not followed.
        [IO.File]::Copy((Join-Path (Join-Path $Work ($Name -replace '\.zip$', '')) 'lessonspace.exe'), $Staged, $false)
        [IO.File]::Delete($Program)
        [IO.File]::Move($Staged, $Program)
    } catch {
        Stop-Install "could not write $Program" 'close every running lessonspace and run this script again'
    }
    Write-Output "installed $(& $Program --version) in $Folder"
    if (($env:PATH -split ';') -notcontains $Folder) {
        Write-Output 'hint: to add it to PATH, run this line and open a new terminal:'
        Write-Output "  [Environment]::SetEnvironmentVariable('PATH', [Environment]::GetEnvironmentVariable('PATH', 'User') + ';$Folder', 'User')"
    }
    $Origin = $Releases
    if ($Default) { $Origin = $Default }
    $Repository = 'OWNER/REPO'
    if ($Origin -match '^https://github\.com/([^/]+/[^/]+)/releases/') { $Repository = $Matches[1] }
    Write-Output 'hint: to check where it came from, run:'
    Write-Output "  gh attestation verify `"$Program`" --repo $Repository"
} finally {
    Remove-Item -Recurse -Force $Work
    if ($Staged -and (Test-Path -LiteralPath $Staged)) { Remove-Item -Force -LiteralPath $Staged }
}
