# Installs lessonspace for you alone, without administrator rights:
#
#   $env:LESSONSPACE_RELEASES = 'https://...'
#   powershell -ExecutionPolicy Bypass -File install.ps1
#
# LESSONSPACE_RELEASES     the address of a release: the folder that holds SHA256SUMS and the archives
#                          [default: the release that this script was published with]
# LESSONSPACE_INSTALL_DIR  where the program goes [default: %LOCALAPPDATA%\Programs\lessonspace]
#
# What is fetched is checked against SHA256SUMS before anything is installed. Running it again replaces
# the program by the release's.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

function Stop-Install([string] $Message, [string] $Hint) {
    [Console]::Error.WriteLine("error: $Message")
    if ($Hint) { [Console]::Error.WriteLine("hint: $Hint") }
    exit 1
}

function Get-Release([string] $Name, [string] $File) {
    try {
        Invoke-WebRequest -UseBasicParsing -Uri "$Releases/$Name" -OutFile $File
    } catch {
        Stop-Install "cannot fetch $Releases/$Name" 'check LESSONSPACE_RELEASES and the network, then run this again'
    }
}

# `.ci/release` writes the release's address here.
$Default = ''
$Releases = $env:LESSONSPACE_RELEASES
if (-not $Releases) { $Releases = $Default }
if (-not $Releases) {
    Stop-Install 'LESSONSPACE_RELEASES is not set' 'set it to the address of a release, the folder that holds SHA256SUMS'
}
$Releases = $Releases.TrimEnd('/')
$Folder = $env:LESSONSPACE_INSTALL_DIR
if (-not $Folder) { $Folder = Join-Path $env:LOCALAPPDATA 'Programs\lessonspace' }
[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12

$Work = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
New-Item -ItemType Directory -Path $Work | Out-Null
try {
    $Sums = Join-Path $Work 'SHA256SUMS'
    Get-Release 'SHA256SUMS' $Sums
    $Line = Get-Content $Sums | Where-Object { $_ -match '^[0-9a-f]{64}  lessonspace-[0-9A-Za-z.+-]+-x86_64-pc-windows-[a-z]+\.zip$' } | Select-Object -First 1
    if (-not $Line) { Stop-Install 'the release has no archive for Windows' 'choose another release' }
    $Sum, $Name = $Line -split '  ', 2
    $Archive = Join-Path $Work $Name
    Get-Release $Name $Archive
    if ((Get-FileHash -Algorithm SHA256 $Archive).Hash.ToLowerInvariant() -ne $Sum) {
        Stop-Install "$Name is not what SHA256SUMS says; nothing was installed" 'run this again; if it stays so, tell those who made the release'
    }
    Expand-Archive -Path $Archive -DestinationPath $Work
    New-Item -ItemType Directory -Force -Path $Folder | Out-Null
    $Program = Join-Path $Folder 'lessonspace.exe'
    try {
        Copy-Item -Force -Path (Join-Path (Join-Path $Work ($Name -replace '\.zip$', '')) 'lessonspace.exe') -Destination $Program
    } catch {
        Stop-Install "cannot write $Program" 'end every lessonspace that is running, then run this again'
    }
    Write-Output "installed $(& $Program --version) in $Folder"
    if (($env:PATH -split ';') -notcontains $Folder) {
        Write-Output 'hint: add it to PATH; run this line, then open a new terminal:'
        Write-Output "  [Environment]::SetEnvironmentVariable('PATH', [Environment]::GetEnvironmentVariable('PATH', 'User') + ';$Folder', 'User')"
    }
} finally {
    Remove-Item -Recurse -Force $Work
}
